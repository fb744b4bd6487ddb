import { refuse } from "./handler.js";
import type { TokenRecord, UserRecord } from "../state/records.js";
import type { GitLabState } from "../state/gitlab-state.js";
import type { RequestHeaders } from "./wire.js";

/** Who sends a request. */
export interface Caller {
  readonly token: TokenRecord;
  readonly user: UserRecord;
}

/** The token of a request: a Bearer token, GitLab's own header, or a parameter. */
export function tokenOf(headers: RequestHeaders, query: URLSearchParams): string | undefined {
  const bearer = /^bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1]?.trim();
  return bearer ?? headers.get("private-token") ?? query.get("private_token") ?? query.get("access_token") ?? undefined;
}

/** Finds out who a token belongs to. Nobody without one; 401 for one that is unknown, expired or revoked. */
export function authenticate(gitlab: GitLabState, token: string | undefined): Caller | undefined {
  if (token === undefined) return undefined;
  const record = gitlab.tokens.get(token);
  if (record === undefined) refuse(401, "401 Unauthorized");
  if (record.revoked) {
    refuseToken("Token was revoked. You have to re-authorize from the user.");
  }
  if (record.expiresAt !== null && record.expiresAt.getTime() <= gitlab.now().getTime()) {
    refuseToken("Token is expired. You can either do re-authorization or token refresh.");
  }
  const user = gitlab.user(record.userId);
  if (user.state !== "active") refuse(403, `403 Forbidden - ${user.refusal}`);
  record.lastUsedAt = gitlab.now();
  return { token: record, user };
}

/** The caller as somebody else, which administrators may ask for: https://docs.gitlab.com/api/rest/authentication/#sudo */
export function actAs(gitlab: GitLabState, caller: Caller | undefined, sudo: string | null): Caller | undefined {
  if (caller === undefined || sudo === null || sudo === "") return caller;
  if (!caller.user.admin) refuse(403, "403 Forbidden - Must be admin to use sudo");
  const user = gitlab.userAt(sudo);
  return user === undefined
    ? refuse(404, `404 User with ID or username '${sudo}' Not Found`)
    : { token: caller.token, user };
}

function refuseToken(description: string): never {
  const challenge = `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${description}"`;
  refuse(401, { error: "invalid_token", error_description: description }, { "www-authenticate": challenge });
}

/** The scopes of which one is enough for an operation. */
export function acceptedScopes(method: string, path: string): readonly string[] {
  // Any token may look at itself, and end itself.
  if (path === "/api/v4/personal_access_tokens/self") return [];
  if (path === "/api/v4/personal_access_tokens/self/rotate") return ["api", "self_rotate"];
  if (method !== "GET" && method !== "HEAD") return ["api"];
  if (/^\/api\/v4\/users?(?:\/|$)/.test(path)) return ["api", "read_api", "read_user"];
  if (path.includes("/repository/files/")) return ["api", "read_api", "read_repository"];
  return ["api", "read_api"];
}

export function requireScope(token: TokenRecord, accepted: readonly string[]): void {
  if (accepted.length === 0 || token.scopes.some((scope) => accepted.includes(scope))) return;
  const scope = accepted.join(" ");
  refuse(
    403,
    {
      error: "insufficient_scope",
      error_description: "The request requires higher privileges than provided by the access token.",
      scope,
    },
    { "www-authenticate": `Bearer realm="Protected by OAuth 2.0", error="insufficient_scope", scope="${scope}"` },
  );
}

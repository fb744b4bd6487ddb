import { randomBytes } from "node:crypto";
import { empty, json, refuse, unauthorized, type Handlers } from "../../server/handler.js";
import type { GranularScopeRecord, TokenRecord } from "../../state/records.js";
import type { GitLabState } from "../../state/gitlab-state.js";

/** Options of a new personal access token. */
export interface PersonalTokenOptions {
  readonly username: string;
  /** Left out for a fine-grained token. */
  readonly scopes?: readonly string[];
  /**
   * Makes it a fine-grained token: what it may do in a project, in a group and below, with the owner's own things, or on
   * the instance. Permissions are named as GitLab does: `"Merge Request: Read"`, `"Issue: Create"`.
   */
  readonly granular?: readonly GranularScopeRecord[];
  /** Default a year. */
  readonly expiresInSeconds?: number;
  readonly name?: string;
}

const aYear = 365 * 86_400;
const aWeek = 7 * 86_400;

/** Adds a personal access token for a user. */
export function createPersonalToken(gitlab: GitLabState, options: PersonalTokenOptions): string {
  const user = gitlab.userByName(options.username);
  if (user === undefined) throw new Error(`The emulator has no user "${options.username}"`);
  const token = `glpat-${randomBytes(15).toString("base64url")}`;
  const now = gitlab.now();
  gitlab.tokens.set(token, {
    id: gitlab.nextId("token"),
    kind: "personal",
    token,
    userId: user.id,
    name: options.name ?? "Token",
    scopes: options.granular === undefined ? (options.scopes ?? []) : ["granular"],
    ...(options.granular !== undefined && { granular: options.granular }),
    applicationId: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + (options.expiresInSeconds ?? aYear) * 1000),
    lastUsedAt: null,
    revoked: false,
  });
  return token;
}

function tokenEntity(gitlab: GitLabState, token: TokenRecord): Record<string, unknown> {
  return {
    id: token.id,
    name: token.name,
    revoked: token.revoked,
    created_at: token.createdAt.toISOString(),
    description: null,
    scopes: token.scopes,
    granular: token.granular !== undefined,
    ...(token.granular !== undefined && {
      granular_scopes: token.granular.map(({ of, permissions }) => ({
        access: typeof of === "string" ? "selected_memberships" : of.boundary,
        project_id: typeof of === "string" ? (gitlab.projectByPath(of)?.id ?? null) : null,
        group_id: typeof of === "string" ? (gitlab.groupByPath(of)?.id ?? null) : null,
        permissions,
      })),
    }),
    user_id: token.userId,
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
    last_used_ips: [],
    active: !token.revoked,
    expires_at: token.expiresAt?.toISOString().slice(0, 10) ?? null,
  };
}

/** What a personal access token does with itself: https://docs.gitlab.com/api/personal_access_tokens/ */
export const personalTokenHandlers: Handlers = {
  "GET /personal_access_tokens/self": ({ token, gitlab }) =>
    token?.kind === "personal" ? json(tokenEntity(gitlab, token)) : unauthorized(),
  "DELETE /personal_access_tokens/self": ({ token }) => {
    if (token?.kind !== "personal") return refuse(400, "400 Bad request");
    token.revoked = true;
    return empty();
  },
  "POST /personal_access_tokens/self/rotate": ({ token, gitlab, params }) => {
    if (token?.kind !== "personal") return refuse(405, "405 Method Not Allowed");
    const now = gitlab.now().getTime();
    const until = Date.parse(params.text("expires_at") ?? "");
    const expiresInSeconds = Number.isNaN(until) ? aWeek : (until - now) / 1000;
    const { scopes, granular, name } = token;
    const { username } = gitlab.user(token.userId);
    const fresh = createPersonalToken(gitlab, { username, scopes, granular, name, expiresInSeconds });
    token.revoked = true;
    const record = gitlab.tokens.get(fresh);
    return json({ ...(record === undefined ? {} : tokenEntity(gitlab, record)), token: fresh });
  },
};

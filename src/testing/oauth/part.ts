import type { IncomingRequest } from "../server/api.js";
import { tokenOf } from "../server/authentication.js";
import { textOf } from "../server/parameters.js";
import { jsonReply, textReply, type Reply } from "../server/reply.js";
import type { Part } from "../server/server.js";
import type { Authority } from "./authority.js";
import { AuthorizationPageError, authorize } from "./authorize.js";
import { deviceAuthorization } from "./device.js";
import { OAuthError } from "./errors.js";
import { requireApplication, tokenEndpoint } from "./token-endpoint.js";

type Endpoint = (authority: Authority, request: IncomingRequest) => Promise<Reply> | Reply;

const endpoints: Readonly<Record<string, Endpoint>> = {
  "POST /oauth/token": tokenEndpoint,
  "POST /oauth/authorize_device": deviceAuthorization,
  "POST /oauth/revoke": revoke,
  "GET /oauth/token/info": tokenInfo,
  "GET /oauth/authorize": authorizationPage,
};

/** Everything under `/oauth/`. */
export const oauthPart = (authority: Authority): Part => ({
  matches: (path) => path.startsWith("/oauth/"),
  answer: (request) => {
    const endpoint = endpoints[`${request.method} ${request.path.replace(/\/$/, "")}`];
    return endpoint === undefined
      ? textReply(404, "<!DOCTYPE html><title>Not Found</title><h1>404</h1>", {}, "text/html")
      : endpoint(authority, request);
  },
});

/** RFC 7009: always 200, whether the token was known or not. */
async function revoke(authority: Authority, request: IncomingRequest): Promise<Reply> {
  const values = await request.body();
  try {
    const application = requireApplication(authority, request, values);
    const token = textOf(values, "token");
    const pair = authority.pairs.find(
      ({ accessToken, refreshToken }) => accessToken === token || refreshToken === token,
    );
    if (pair?.clientId === application.clientId) authority.revoke(pair);
    return jsonReply(200, {});
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return new OAuthError("unauthorized_client", "You are not authorized to revoke this token", 403).reply();
  }
}

/** What an OAuth token is good for, as its bearer may know. */
function tokenInfo(authority: Authority, request: IncomingRequest): Reply {
  const { gitlab } = authority;
  const token = gitlab.tokens.get(tokenOf(request.headers, request.url.searchParams) ?? "");
  const left =
    token?.expiresAt === null || token === undefined
      ? 0
      : Math.floor((token.expiresAt.getTime() - gitlab.now().getTime()) / 1000);
  if (token?.kind !== "oauth" || token.revoked || left <= 0) {
    const state = token?.revoked === true ? "was revoked" : token?.kind === "oauth" ? "expired" : "is invalid";
    return new OAuthError("invalid_token", `The access token ${state}`, 401).reply();
  }
  const pair = authority.pairs.find(({ accessToken }) => accessToken === token.token);
  return jsonReply(200, {
    resource_owner_id: token.userId,
    scope: token.scopes,
    expires_in: left,
    application: { uid: pair?.clientId ?? null },
    created_at: Math.floor(token.createdAt.getTime() / 1000),
    scopes: token.scopes,
    expires_in_seconds: left,
  });
}

/**
 * The page that asks for consent, for people who try the emulator in a browser: instead of a password it takes the name
 * of one of its users.
 */
function authorizationPage(authority: Authority, request: IncomingRequest): Reply {
  const { url } = request;
  const user = authority.gitlab.userByName(url.searchParams.get("username") ?? "");
  try {
    if (user !== undefined) {
      const deny = url.searchParams.get("deny") === "true";
      return { status: 302, headers: { location: authorize(authority, url, { user, deny }) }, body: null };
    }
    const links = [...authority.gitlab.users.values()].map(({ username, name }) => {
      const link = new URL(url);
      link.searchParams.set("username", username);
      return `<li><a href="${escape(link.href)}">${escape(name)} (${escape(username)})</a></li>`;
    });
    const page = `<!DOCTYPE html><title>Authorize</title><h1>Authorize as</h1><ul>${links.join("")}</ul>`;
    return textReply(200, page, {}, "text/html");
  } catch (error) {
    if (!(error instanceof AuthorizationPageError)) throw error;
    return textReply(400, `<!DOCTYPE html><title>Error</title><p>${escape(error.message)}</p>`, {}, "text/html");
  }
}

const escape = (value: string): string =>
  value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

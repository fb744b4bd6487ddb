import { getOAuthProtectedResourceMetadataUrl } from "@modelcontextprotocol/server";
import type { GitLabUser } from "../../accounts/connect-grant.js";
import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import type { GitLab } from "../../gitlab-types.js";
import { partsOf } from "../../gitlab-parts.js";
import { narrowest } from "../../policy/access.js";
import type { Policy } from "../../policy/policy.js";
import type { Session } from "../../sessions/sessions.js";
import { lifetimeSeconds } from "../../sessions/lifetime.js";
import { readText } from "../../web/body.js";
import { createMessageLimiter } from "../../web/limits.js";
import { authorize, decide } from "./authorize.js";
import { comeBack } from "./callback.js";
import { createFetchDocument } from "./client-document.js";
import { createClients, type ClientRow } from "./clients.js";
import { createGrants, type CodeRow, type GrantRow } from "./grants.js";
import type { Offer } from "./offer.js";
import type { DepartureRow, RequestRow, SignInParts } from "./parts.js";
import { sealedRows } from "../../web/sealed-rows.js";
import { grantKind } from "./signed-in.js";
import { scopesUpTo, type ToolScope } from "./scopes.js";
import { oauthError, revoke, token } from "./token.js";

/** How people sign in to the MCP server with GitLab. */
export interface McpSignInOptions {
  /** Where people reach the server, such as `https://mcp.example.com`; http only on this machine. */
  readonly publicUrl: string;
  /** The endpoint's path below it. Default: `/mcp`. */
  readonly path?: string;
  /** Whose account it is, by GitLab's user. Default: `gitlab:HOST:USERID`. An error refuses the person. */
  readonly identify?: (user: GitLabUser) => string | Promise<string>;
  /** How long an access token lives: seconds, or a number with a unit. Default: an hour. */
  readonly accessTokenLifetime?: number | string;
  /** Fetches the documents that describe clients. Default: with care, from public addresses only. */
  readonly fetchClient?: (url: string) => Promise<Response>;
}

export interface SignInServer {
  /** Answers what is about signing in; `undefined` for everything else. */
  handle(request: Request): Promise<Response | undefined>;
  /** The session of an access token; `undefined` for one that is not good, or whose person is not connected any more. */
  verify(token: string): Promise<Session | undefined>;
  /** For `WWW-Authenticate`: where to sign in, and for what. */
  challenge(scopes?: readonly ToolScope[]): string;
  /** Whether a session was given out here. */
  gave(session: Session): boolean;
}

const longestForm = 16_384;
const open = { "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store" };
const preflight = {
  ...open,
  "Access-Control-Allow-Methods": "GET, POST",
  "Access-Control-Allow-Headers": "content-type, authorization, mcp-protocol-version",
};

/** Anonymous requests that make a row, in this process. */
const begun = { messages: 120, perSeconds: 60 };

export interface SignInServerOptions extends McpSignInOptions {
  readonly gitlab: GitLab;
  readonly offer: Offer;
}

/** The authorization server in front of GitLab (RFC 6749 and its kin, as OAuth 2.1 has them). */
export function createSignInServer(options: SignInServerOptions): SignInServer {
  const { gitlab, path = "/mcp", accessTokenLifetime = 3600, identify = byUserId } = options;
  const known = partsOf(gitlab);
  const rows = known?.store.rows;
  if (!known || !rows) throw unusable("signIn", "a client of createGitLab whose store keeps rows (AccountStore.rows)");
  const { now } = known;
  const origin = originOf(options.publicUrl);
  const resource = `${origin}${path}`;
  const { offer } = options;
  const access = narrowest(offer.access, known.policy?.access) ?? "read";
  const limiter = createMessageLimiter(begun, now);

  const paths = { authorize: "/authorize", token: "/token", register: "/register", revoke: "/revoke" };
  const parts: SignInParts = {
    gitlab,
    origin,
    issuer: origin,
    resource,
    callbackUri: `${origin}/callback/{connection}`,
    paths,
    most: scopesUpTo(access),
    reach: [offer.tools, ...reachOf(known.policy)],
    identify,
    connections: async () => (await gitlab.connections.list()).filter(({ clientId }) => clientId !== undefined),
    clients: createClients(
      sealedRows<ClientRow>(known, rows, "mcp client"),
      createFetchDocument(now, options.fetchClient),
    ),
    requests: sealedRows<RequestRow>(known, rows, "mcp request"),
    departures: sealedRows<DepartureRow>(known, rows, "mcp departure"),
    codes: sealedRows<CodeRow>(known, rows, "mcp code"),
    grants: createGrants({
      gitlab,
      grants: sealedRows<GrantRow>(known, rows, grantKind),
      resource,
      lifetimeSeconds: lifetimeSeconds(accessTokenLifetime),
      now,
    }),
  };

  const scopes = parts.most;
  /** https://datatracker.ietf.org/doc/html/rfc9728#section-2 */
  const resourceMetadata = {
    resource,
    authorization_servers: [origin],
    scopes_supported: scopes,
    bearer_methods_supported: ["header"],
    resource_name: "GitLab",
  };
  /** https://datatracker.ietf.org/doc/html/rfc8414#section-2 */
  const serverMetadata = {
    issuer: origin,
    authorization_endpoint: `${origin}${paths.authorize}`,
    token_endpoint: `${origin}${paths.token}`,
    registration_endpoint: `${origin}${paths.register}`,
    revocation_endpoint: `${origin}${paths.revoke}`,
    scopes_supported: scopes,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
  };
  const documents = new Map<string, object>([
    ["/.well-known/oauth-protected-resource", resourceMetadata],
    [`/.well-known/oauth-protected-resource${path}`, resourceMetadata],
    ["/.well-known/oauth-authorization-server", serverMetadata],
  ]);

  async function form(request: Request): Promise<URLSearchParams> {
    return new URLSearchParams((await readText(request, longestForm)) ?? "");
  }

  async function register(request: Request): Promise<Response> {
    let body: unknown;
    try {
      body = JSON.parse((await readText(request, longestForm)) ?? "");
    } catch {
      return oauthError("invalid_client_metadata", "The body is not JSON.");
    }
    const registered = await parts.clients.register(body);
    return Response.json(registered, { status: "error" in registered ? 400 : 201, headers: open });
  }

  const tooMany = (seconds: number): Response =>
    new Response("Too many requests\n", { status: 429, headers: { ...open, "Retry-After": String(seconds) } });

  async function handle(request: Request): Promise<Response | undefined> {
    const { pathname } = new URL(request.url);
    const { method } = request;
    const document = documents.get(pathname);
    const callback = connectionOf(pathname);
    const own = document ?? callback ?? Object.values(paths).includes(pathname);
    if (own === undefined || own === false) return undefined;
    if (method === "OPTIONS") return new Response(null, { status: 204, headers: preflight });
    if (document) return Response.json(document, { headers: { ...open, "Cache-Control": "max-age=300" } });
    if (callback !== undefined && method === "GET") return await comeBack(parts, request, callback);
    if (pathname === paths.authorize || pathname === paths.register) {
      const wait = limiter.take(pathname, 1);
      if (wait > 0) return tooMany(wait);
    }
    if (pathname === paths.authorize && method === "GET") return await authorize(parts, request);
    if (method !== "POST") return new Response(null, { status: 405, headers: { ...open, Allow: "POST" } });
    if (pathname === paths.authorize) return await decide(parts, request, await form(request));
    if (pathname === paths.register) return await register(request);
    return pathname === paths.token
      ? await token(parts, await form(request))
      : await revoke(parts, await form(request));
  }

  return {
    handle,
    async verify(bearer) {
      const session = await gitlab.verifySession(bearer, { audience: resource });
      if (!session) return undefined;
      const { connectionName, identifier } = session;
      const account = await gitlab.actions
        .getConnectedAccount({ connectionName, identifier })
        .catch((error: unknown) => {
          if (error instanceof GitLabToolError && error.code === "account_not_found") return undefined;
          throw error;
        });
      return account?.connectedAccount.status === "ACTIVE" ? session : undefined;
    },
    challenge: (needed = scopes) =>
      `resource_metadata="${getOAuthProtectedResourceMetadataUrl(new URL(resource))}", scope="${needed.join(" ")}"`,
    gave: ({ audience }) => audience === resource,
  };
}

/** The connection that a callback's address names; `undefined` for any other address. */
function connectionOf(pathname: string): string | undefined {
  const named = /^\/callback\/([^/]+)$/.exec(pathname)?.[1];
  try {
    return named && decodeURIComponent(named);
  } catch {
    return undefined;
  }
}

const byUserId = ({ id, baseUrl }: GitLabUser): string => `gitlab:${new URL(baseUrl).host}:${id}`;

function reachOf({ projects, groups }: Policy = {}): string[] {
  const named = [...(projects ?? []), ...(groups ?? [])].map(String);
  return projects || groups ? [`only in ${named.join(", ") || "no project at all"}`] : [];
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

function originOf(publicUrl: string): string {
  if (!URL.canParse(publicUrl)) throw unusable("publicUrl", "an absolute URL");
  const { origin, protocol, hostname, pathname, search, hash } = new URL(publicUrl);
  if (pathname !== "/" || search !== "" || hash !== "") throw unusable("publicUrl", "an origin without a path");
  if (protocol !== "https:" && !(protocol === "http:" && loopback.has(hostname)))
    throw unusable("publicUrl", "https, as tokens go there (http only on this machine)");
  return origin;
}

function unusable(field: string, wants: string): GitLabToolError {
  return new GitLabToolError({
    code: "invalid_input",
    message: `The options of the MCP server cannot be used: ${field}: has to be ${wants}.`,
    hint: "Give the origin at which people reach the server, such as https://mcp.example.com.",
    details: { fields: [{ field, message: `has to be ${wants}` }] },
  });
}

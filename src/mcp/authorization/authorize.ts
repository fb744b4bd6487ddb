import { failurePage, html, page, sendTo, type Html } from "../../connect/pages.js";
import { readCookie, setCookie } from "../../connect/cookies.js";
import type { OfferedInstance, RequestRow, SignInParts } from "./parts.js";
import { isRegistered } from "./redirects.js";
import { hashOf, newSecret } from "../../web/sealed-rows.js";
import { grantable, type ToolScope } from "./scopes.js";

const requestMs = 10 * 60_000;
export const browserCookie = "gitlab-agent-tools-browser";

const param = (parameters: URLSearchParams, name: string): string | undefined => {
  const values = parameters.getAll(name);
  // Parameters must not be given more than once (RFC 6749, section 3.1).
  return values.length === 1 ? values[0] : undefined;
};

/** Back to the client, with what it has to hear (RFC 6749, section 4.1.2; RFC 9207). */
export function backToClient(
  { issuer }: Pick<SignInParts, "issuer">,
  { redirectUri, state }: Pick<RequestRow, "redirectUri" | "state">,
  params: Readonly<Record<string, string>>,
): Response {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...params, ...(state !== undefined && { state }), iss: issuer }))
    url.searchParams.set(name, value);
  return sendTo(url.href);
}

/** `GET /authorize`: looks at everything, then asks the person. */
export async function authorize(server: SignInParts, request: Request): Promise<Response> {
  const { clients, requests, resource, most } = server;
  const { searchParams } = new URL(request.url);
  const clientId = param(searchParams, "client_id");
  const client = clientId === undefined ? undefined : await clients.find(clientId);
  if (!client) return failurePage(400, "Unknown application", "This link is not of an application that is known here.");
  const redirectUri = param(searchParams, "redirect_uri");
  if (redirectUri === undefined || !isRegistered(redirectUri, client.redirectUris))
    return failurePage(400, "Wrong link", "This application has not registered the address that it wants you sent to.");
  const state = param(searchParams, "state");
  const refuse = (error: string, error_description: string): Response =>
    backToClient(server, { redirectUri, ...(state !== undefined && { state }) }, { error, error_description });

  if (param(searchParams, "response_type") !== "code")
    return refuse("unsupported_response_type", "response_type has to be code");
  const challenge = param(searchParams, "code_challenge") ?? "";
  if (param(searchParams, "code_challenge_method") !== "S256" || !/^[\w-]{43}$/.test(challenge))
    return refuse("invalid_request", "PKCE with S256 is required");
  if (searchParams.getAll("resource").some((requested) => !isResource(requested, resource)))
    return refuse("invalid_target", `This server is ${resource}`);
  const scopes = grantable(searchParams.get("scope"), most);
  if (!scopes) return refuse("invalid_scope", `There is ${most.join(" ")}`);

  const browser = readCookie(request, browserCookie, server) ?? newSecret();
  const id = newSecret();
  const row: RequestRow = {
    clientId: client.id,
    clientName: client.name,
    redirectUri,
    challenge,
    scopes,
    browser: hashOf(browser),
    ...(state !== undefined && { state }),
  };
  await requests.add(id, row, requestMs);
  const cookie = setCookie(browserCookie, browser, { origin: server.origin, maxAgeSeconds: 86_400 });
  return consentPage(server, id, row, await server.connections(), cookie);
}

/**
 * Whether a client means this server. A trailing slash makes no other resource, nor do capitals in scheme and host
 * (https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#canonical-server-uri).
 */
export const isResource = (requested: string, resource: string): boolean =>
  // It must not have a fragment (https://datatracker.ietf.org/doc/html/rfc8707#section-2).
  URL.canParse(requested) && !requested.includes("#") && withoutSlash(requested) === withoutSlash(resource);

const withoutSlash = (address: string): string => new URL(address).href.replace(/\/$/, "");

const mayDo: Readonly<Record<ToolScope, string>> = {
  "gitlab:read": "read what you can read",
  "gitlab:write": "write: issues, comments, commits, merge requests, pipelines",
  "gitlab:destructive": "delete what you can delete",
};

function consentPage(
  server: SignInParts,
  id: string,
  { clientName, redirectUri, scopes }: RequestRow,
  connections: readonly OfferedInstance[],
  cookie: string,
): Response {
  const [only] = connections;
  const choices: readonly Html[] = connections.map(
    ({ name, baseUrl }, index) =>
      html`<label
        ><input type="radio" name="connection" value="${name}" ${index === 0 ? checked : nothing} /> ${baseUrl}</label
      >`,
  );
  const which =
    connections.length === 1 && only
      ? html`<input type="hidden" name="connection" value="${only.name}" />`
      : html`<fieldset>
          <legend>Which GitLab?</legend>
          ${choices}
        </fieldset>`;
  const reach = server.reach.map((line) => html`<li>${line}</li>`);
  const body = html` <dl>
      <dt>Application</dt>
      <dd>
        <bdi>${clientName}</bdi><br /><small
          >You are sent back to ${destinationOf(redirectUri)}. It chose its name itself.</small
        >
      </dd>
      <dt>GitLab</dt>
      <dd>${connections.map(({ baseUrl }) => baseUrl).join(", ")}</dd>
      <dt>As</dt>
      <dd>The account that you are signed in with there; GitLab asks you next.</dd>
      <dt>It may</dt>
      <dd>
        <ul>
          ${scopes.map((scope) => html`<li>${mayDo[scope]}</li>`)}${reach}
        </ul>
      </dd>
    </dl>
    <form method="post" action="${server.paths.authorize}">
      <input type="hidden" name="request" value="${id}" />
      ${which}
      <button name="decision" value="allow">Allow, and go on to GitLab</button>
      <button name="decision" value="deny">Do not allow</button>
    </form>`;
  return page("Let an application use GitLab as you?", body, { cookie });
}

const [checked, nothing] = [html` checked`, html``];

/** Where a redirect leads, for people. */
function destinationOf(redirectUri: string): string {
  const { protocol, host } = new URL(redirectUri);
  return protocol === "https:" || protocol === "http:" ? host : `an application on this device (${protocol})`;
}

/** `POST /authorize`: what the person has decided, from the browser that was asked. */
export async function decide(server: SignInParts, request: Request, form: URLSearchParams): Promise<Response> {
  const { requests, departures, gitlab, origin } = server;
  const sender = request.headers.get("origin");
  const id = form.get("request") ?? "";
  const pending = await requests.get(id);
  const browser = readCookie(request, browserCookie, server);
  if (!pending)
    return failurePage(400, "Too late", "This page is too old. Go back to the application and start again.");
  const { value } = pending;
  if (browser === undefined || hashOf(browser) !== value.browser || (sender !== null && sender !== origin))
    return failurePage(
      403,
      "Another browser",
      "This page was opened elsewhere. Go back to the application and start again.",
    );
  const row = await requests.take(id);
  if (!row) return failurePage(400, "Too late", "This page has been used already.");
  if (form.get("decision") !== "allow") return backToClient(server, row, { error: "access_denied" });
  const connectionName = form.get("connection") ?? "";
  if (!(await server.connections()).some(({ name }) => name === connectionName))
    return failurePage(
      400,
      "Unknown GitLab",
      "There is no such GitLab here. Go back to the application and start again.",
    );
  const { link } = await gitlab.actions.getSignInLink({ connectionName, redirectUri: server.callbackUri });
  const state = new URL(link).searchParams.get("state") ?? "";
  await departures.add(state, { ...row, connectionName }, requestMs);
  return sendTo(link);
}

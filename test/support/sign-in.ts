import { createServer as createHttpServer, request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { createHash, randomBytes } from "node:crypto";
import { createGitLab, type GitLab, type GitLabOptions } from "gitlab-agent-tools";
import { serveMcp, type McpServeOptions } from "gitlab-agent-tools/mcp";
import type { GitLabEmulator } from "gitlab-agent-tools/testing";
import { onTestFinished } from "vitest";
import { emulator } from "./emulated.js";

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

export interface SignInPlace {
  readonly gitlab: GitLab;
  readonly emulator: GitLabEmulator;
  /** The MCP endpoint. */
  readonly url: string;
  readonly origin: string;
  /** For clients that are described at an address, by that address. */
  readonly documents: Map<string, unknown>;
  /** Another server for the same people, under the same address to the outside. */
  readonly replica: (options?: Partial<GitLabOptions>) => Promise<string>;
  /** How many requests each replica has had behind the balancer. */
  readonly shares: readonly number[];
  readonly clock: { ms: number };
}

export const documentUrl = "https://client.example/mcp.json";
export const clientRedirect = "http://127.0.0.1:3000/callback";

/** Passes each request on to the next server in turn, with its `Host`, as a load balancer does. */
async function balance(port: number, targets: readonly string[]): Promise<number[]> {
  const shares = targets.map(() => 0);
  let turn = 0;
  const server = createHttpServer((incoming, outgoing) => {
    const at = turn++ % targets.length;
    shares[at] = (shares[at] ?? 0) + 1;
    const { method, headers, url = "" } = incoming;
    const passed = httpRequest(new URL(url, targets[at]), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return shares;
}

/**
 * An MCP server that people sign in to with an emulated GitLab.
 *
 * @param replicas above one, so many take turns in answering
 */
export async function signInPlace(
  options: Partial<GitLabOptions> = {},
  serving: Partial<McpServeOptions> = {},
  { replicas = 1 } = {},
): Promise<SignInPlace> {
  const server = await emulator({ pathPrefix: "/gitlab" });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const application = server.oauth.createApplication({
    redirectUri: `${origin}/callback/gitlab`,
    scopes: ["api", "read_api"],
  });
  const clock = { ms: Date.now() };
  const open = (more: Partial<GitLabOptions> = {}): GitLab => {
    const gitlab = createGitLab({
      store: "memory:",
      connections: { gitlab: { baseUrl: server.baseUrl, scopes: ["api"], ...application } },
      now: () => clock.ms,
      ...options,
      ...more,
    });
    onTestFinished(() => gitlab.close());
    return gitlab;
  };
  const documents = new Map<string, unknown>([
    [documentUrl, { client_id: documentUrl, client_name: "Described <b>client</b>", redirect_uris: [clientRedirect] }],
  ]);
  const fetchClient = (url: string): Promise<Response> =>
    Promise.resolve(documents.has(url) ? Response.json(documents.get(url)) : new Response(null, { status: 404 }));
  const serve = async (gitlab: GitLab, at: number): Promise<string> => {
    const trustedHosts = [`127.0.0.1:${port}`];
    const signIn = { publicUrl: origin, fetchClient, ...serving.signIn };
    const started = await serveMcp({ gitlab, port: at, trustedHosts, ...serving, signIn });
    onTestFinished(() => started.close({ graceMs: 0 }));
    return started.url;
  };
  const gitlab = open();
  const replica = (more?: Partial<GitLabOptions>): Promise<string> => serve(open(more), 0);
  const shared = { gitlab, emulator: server, url: `${origin}/mcp`, origin, documents, clock, replica };
  if (replicas === 1) {
    await serve(gitlab, port);
    return { ...shared, shares: [] };
  }
  const others = await Promise.all(Array.from({ length: replicas - 1 }, () => replica()));
  return { ...shared, shares: await balance(port, [await serve(gitlab, 0), ...others]) };
}

/** A browser of one person: it keeps its cookies and follows nothing by itself. */
export class Browser {
  cookie: string | undefined;

  async get(url: string | URL, headers: Record<string, string> = {}): Promise<Response> {
    return this.#keep(await fetch(url, { redirect: "manual", headers: { ...this.#cookies(), ...headers } }));
  }

  async post(url: string | URL, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const init = { method: "POST", redirect: "manual", body: new URLSearchParams(form) } as const;
    return this.#keep(await fetch(url, { ...init, headers: { ...this.#cookies(), ...headers } }));
  }

  #cookies(): Record<string, string> {
    return this.cookie ? { Cookie: this.cookie } : {};
  }

  #keep(response: Response): Response {
    this.cookie = response.headers.get("set-cookie")?.split(";")[0] ?? this.cookie;
    return response;
  }
}

/** The form of the consent page. */
export async function requestOn(consent: Response): Promise<string> {
  return /name="request" value="([^"]+)"/.exec(await consent.text())?.[1] ?? "";
}

export const locationOf = (response: Response): URL => new URL(response.headers.get("location") ?? "about:blank");

/** Agrees on the page, and at GitLab. Returns where the browser is sent in the end. */
export async function agree(
  place: Pick<SignInPlace, "origin" | "emulator">,
  authorizeUrl: string | URL,
  { browser = new Browser(), username = "ben" } = {},
): Promise<URL> {
  const request = await requestOn(await browser.get(authorizeUrl));
  const form = { request, connection: "gitlab", decision: "allow" };
  const toGitLab = locationOf(await browser.post(`${place.origin}/authorize`, form, { Origin: place.origin }));
  const callback = place.emulator.oauth.authorize(toGitLab.href, { username });
  return locationOf(await browser.get(callback));
}

/** PKCE and the rest of what a client asks with. */
export function asked(place: SignInPlace, changes: Record<string, string | undefined> = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL("/authorize", place.origin);
  const parameters = {
    response_type: "code",
    client_id: documentUrl,
    redirect_uri: clientRedirect,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: "client-state",
    resource: place.url,
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return { url, verifier };
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly error?: string;
}

/** Asks the token endpoint. */
export async function tokens(
  place: Pick<SignInPlace, "origin">,
  form: Record<string, string>,
): Promise<{ status: number; body: Tokens }> {
  const response = await fetch(`${place.origin}/token`, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Tokens };
}

/** The form that exchanges a code. */
export const exchangeForm = (code: string, code_verifier: string): Record<string, string> => ({
  grant_type: "authorization_code",
  client_id: documentUrl,
  redirect_uri: clientRedirect,
  code,
  code_verifier,
});

/** A person signed in, from the first page to the tokens. */
export async function signedIn(
  place: SignInPlace,
  { username = "ben", scope }: { username?: string; scope?: string } = {},
): Promise<Tokens> {
  const { url, verifier } = asked(place, { scope });
  const back = await agree(place, url, { username });
  return (await tokens(place, exchangeForm(back.searchParams.get("code") ?? "", verifier))).body;
}

/** A call of a tool, as any HTTP client can send it. */
export function callTool(
  url: string,
  token: string | undefined,
  name: string,
  input: unknown = {},
  more: Record<string, string> = {},
) {
  return fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(token && { Authorization: `Bearer ${token}` }),
      ...more,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: input } }),
  });
}

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createGitLab, type ConnectionConfig, type GitLab, type GitLabOptions } from "gitlab-agent-tools";
import { createConnectHandler, toNodeHandler, type ConnectHandlerOptions } from "gitlab-agent-tools/connect";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { onTestFinished } from "vitest";

/** Two instances, shared by the tests of a file. */
export interface Instances {
  readonly gitlab: GitLabEmulator;
  readonly acme: GitLabEmulator;
  readonly close: () => Promise<void>;
}

export async function startInstances(): Promise<Instances> {
  const [gitlab, acme] = await Promise.all([createGitLabEmulator(), createGitLabEmulator({ pathPrefix: "/gitlab" })]);
  return { gitlab, acme, close: async () => void (await Promise.all([gitlab.close(), acme.close()])) };
}

/** An application on an instance, for the connect page of an origin. */
export function applicationOn(instance: GitLabEmulator, name: string, origin: string): ConnectionConfig {
  const redirectUri = `${origin}/connect/${name}`;
  const registered = instance.oauth.createApplication({ redirectUri, scopes: ["api", "read_api"] });
  return { baseUrl: instance.baseUrl, redirectUri, scopes: ["api"], ...registered };
}

export interface ConnectPlace {
  readonly gitlab: GitLab;
  readonly origin: string;
  readonly page: string;
  /** What `onError` was told. */
  readonly errors: unknown[];
  readonly clock: { ms: number };
}

export interface PlaceOptions {
  readonly client?: Partial<GitLabOptions>;
  readonly handler?: Partial<ConnectHandlerOptions>;
  readonly connections?: (origin: string) => Readonly<Record<string, ConnectionConfig>>;
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Who is signed in to the product, by its cookie. */
export const signedInAs = (request: Request): string | undefined =>
  /(?:^|; )session=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1];

/** A product with the connect pages, on a server of Node's. */
export async function connectPlace(instances: Instances, options: PlaceOptions = {}): Promise<ConnectPlace> {
  const errors: unknown[] = [];
  const clock = { ms: Date.now() };
  const server = createServer();
  const origin = await listen(server);
  const connections = options.connections?.(origin) ?? {
    gitlab: applicationOn(instances.gitlab, "gitlab", origin),
    acme: applicationOn(instances.acme, "acme", origin),
  };
  const gitlab = createGitLab({ store: "memory:", connections, now: () => clock.ms, ...options.client });
  onTestFinished(() => gitlab.close());
  const connect = createConnectHandler({
    gitlab,
    identify: signedInAs,
    onError: (error) => void errors.push(error),
    ...options.handler,
  });
  const handle = toNodeHandler(connect);
  server.on("request", (incoming, outgoing) => void handle(incoming, outgoing));
  return { gitlab, origin, page: `${origin}/connect`, errors, clock };
}

/** A browser of one person: it keeps cookies, and follows nothing by itself. */
export class PersonsBrowser {
  readonly cookies = new Map<string, string>();

  constructor(session?: string) {
    this.signIn(session);
  }

  /** Somebody signs in to the product, or out. */
  signIn(session: string | undefined): void {
    if (session === undefined) this.cookies.delete("session");
    else this.cookies.set("session", session);
  }

  async get(url: string | URL, headers: Record<string, string> = {}): Promise<Response> {
    return await this.#send(url, { headers });
  }

  async post(url: string | URL, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return await this.#send(url, { method: "POST", body: new URLSearchParams(form), headers });
  }

  async json(url: string | URL, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const asked = { Accept: "application/json", ...headers };
    if (body === undefined) return await this.#send(url, { headers: asked });
    const sent = { "Content-Type": "application/json", ...asked };
    return await this.#send(url, { method: "POST", body: JSON.stringify(body), headers: sent });
  }

  async #send(url: string | URL, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(cookie && { Cookie: cookie }), ...init.headers };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(/; ?/);
      const [name = "", value = ""] = pair.split("=");
      if (attributes.includes("Max-Age=0")) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}

/** The token of a page's forms. */
export const csrfOn = (text: string): string => /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? "";

export const locationOf = (response: Response): string => response.headers.get("location") ?? "";

/** Presses a button of the page. Returns where the browser is sent. */
export async function press(
  place: ConnectPlace,
  browser: PersonsBrowser,
  action: "connect" | "disconnect",
  connection: string,
  more: Record<string, string> = {},
): Promise<string> {
  const csrf = csrfOn(await (await browser.get(place.page)).text());
  return locationOf(await browser.post(place.page, { csrf, action, connection, ...more }, { Origin: place.origin }));
}

/** Connects from the page, agreeing at GitLab. Returns where the browser is in the end. */
export async function connectAs(
  place: ConnectPlace,
  browser: PersonsBrowser,
  [instance, connection, username]: readonly [GitLabEmulator, string, string],
  more: Record<string, string> = {},
): Promise<string> {
  const link = await press(place, browser, "connect", connection, more);
  return locationOf(await browser.get(instance.oauth.authorize(link, { username })));
}

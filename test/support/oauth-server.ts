import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

interface Grant {
  readonly username: string;
  readonly access: string;
  readonly refresh: string;
  readonly scopes: string;
  readonly expiresAt: number;
  readonly redirectUri: string | null;
  revoked: "no" | "rotated" | "revoked";
}

interface Code {
  readonly username: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly scopes: string;
}

export interface TokenRequest {
  readonly grantType: string;
  readonly parameters: URLSearchParams;
  status: number;
}

type Hook = (request: TokenRequest, response: ServerResponse) => unknown;

/**
 * The OAuth and token side of one GitLab, with every lever that a test of token handling wants to pull. Rotates refresh
 * tokens as GitLab does: the old access token and the old refresh token are dead at once.
 */
export class OAuthServer {
  readonly clientId = "client-id";
  readonly clientSecret = `secret-${randomBytes(12).toString("hex")}`;
  /** Each instance has one of its own. */
  readonly redirectUri = `https://app.example/callback/${randomBytes(4).toString("hex")}`;
  /** Every secret that this server has given away. */
  readonly secrets = new Set<string>([this.clientSecret]);
  readonly tokenRequests: TokenRequest[] = [];
  readonly revocations: string[] = [];
  /** Tokens that came along with API requests. */
  readonly apiTokens: string[] = [];
  readonly deviceAnswers: string[] = [];
  ttlSeconds = 7200;
  now: () => number = Date.now;
  /** Runs before a token request is looked at; answering the response ends the request. */
  before: Hook | undefined;
  /** Runs when GitLab has acted but has not answered. */
  after: Hook | undefined;
  /** Answers API requests in place of the user's own entity. */
  api: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;

  readonly #grants: Grant[] = [];
  readonly #codes = new Map<string, Code>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #prefix: string;

  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  async start(): Promise<this> {
    if (!this.#server.listening) await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    return this;
  }

  get baseUrl(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#prefix}`;
  }

  get connection(): { baseUrl: string; clientId: string; clientSecret: string; redirectUri: string; scopes: string[] } {
    const { baseUrl, clientId, clientSecret, redirectUri } = this;
    return { baseUrl, clientId, clientSecret, redirectUri, scopes: ["api"] };
  }

  /** Refreshes that succeeded here. */
  get refreshes(): number {
    return this.tokenRequests.filter(({ grantType, status }) => grantType === "refresh_token" && status === 200).length;
  }

  stop(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((done) => this.#server.close(done));
  }

  /** What the person does on the consent page; returns where the browser is sent. */
  authorize(link: string, username: string, scopes?: string): string {
    const query = new URL(link).searchParams;
    const code = this.#secret("code");
    this.#codes.set(code, {
      username,
      challenge: query.get("code_challenge") ?? "",
      redirectUri: query.get("redirect_uri") ?? "",
      scopes: scopes ?? query.get("scope") ?? "",
    });
    return `${query.get("redirect_uri")}?${new URLSearchParams({ code, state: query.get("state") ?? "" }).toString()}`;
  }

  /** A personal access token. */
  personalToken(username: string): string {
    return this.#grant(username, "api", null).access;
  }

  revoke(username: string): void {
    for (const grant of this.#grants) if (grant.username === username) grant.revoked = "revoked";
  }

  /** A refresh by somebody else, who does not know our store. */
  rotateFor(username: string): { access: string; refresh: string } {
    const grant = this.#grants.findLast((candidate) => candidate.username === username && candidate.revoked === "no");
    if (!grant) throw new Error("nothing to rotate");
    grant.revoked = "rotated";
    return this.#grant(username, grant.scopes, grant.redirectUri);
  }

  #secret(kind: string): string {
    const value = `${kind}-${randomBytes(24).toString("hex")}`;
    this.secrets.add(value);
    return value;
  }

  #grant(username: string, scopes: string, redirectUri: string | null): Grant {
    const grant: Grant = {
      username,
      access: this.#secret("access"),
      refresh: this.#secret("refresh"),
      scopes,
      redirectUri,
      expiresAt: this.now() + this.ttlSeconds * 1000,
      revoked: "no",
    };
    this.#grants.push(grant);
    return grant;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://localhost");
    const path = url.pathname.slice(this.#prefix.length);
    const body = new URLSearchParams(await text(request).catch(() => ""));
    if (path === "/oauth/token") {
      const entry: TokenRequest = { grantType: body.get("grant_type") ?? "", parameters: body, status: 0 };
      this.tokenRequests.push(entry);
      response.on("close", () => {
        if (entry.status === 0 && response.headersSent) entry.status = response.statusCode;
      });
      await this.before?.(entry, response);
      if (response.writableEnded || response.destroyed) return;
      const [status, answer] = this.#token(body);
      entry.status = status;
      await this.after?.(entry, response);
      if (response.writableEnded || response.destroyed) return;
      // Doorkeeper describes errors in this header as well.
      if (status >= 400)
        response.setHeader("WWW-Authenticate", `Bearer realm="Doorkeeper", error="${String(answer["error"])}"`);
      this.#json(response, status, answer);
    } else if (path === "/oauth/revoke") {
      const grant = this.#grants.find(({ access }) => access === body.get("token"));
      if (grant) grant.revoked = "revoked";
      this.revocations.push(body.get("token") ?? "");
      this.#json(response, 200, {});
    } else if (path === "/oauth/authorize_device") {
      this.#json(response, 200, {
        device_code: this.#secret("device"),
        user_code: "ABCD-EFGH",
        verification_uri: `${this.baseUrl}/oauth/device`,
        expires_in: 300,
        interval: 5,
      });
    } else this.#api(path, request, response);
  }

  #token(body: URLSearchParams): [number, Record<string, unknown>] {
    const error = (status: number, name: string): [number, Record<string, unknown>] => [
      status,
      { error: name, error_description: `${name} it is.` },
    ];
    if (body.get("client_secret") !== this.clientSecret) return error(401, "invalid_client");
    const grantType = body.get("grant_type");
    if (grantType === "refresh_token") {
      const old = this.#grants.find(({ refresh }) => refresh === body.get("refresh_token"));
      if (!old || old.revoked !== "no") return error(400, "invalid_grant");
      if (old.redirectUri !== null && old.redirectUri !== body.get("redirect_uri")) return error(400, "invalid_grant");
      old.revoked = "rotated";
      return this.#granted(this.#grant(old.username, old.scopes, old.redirectUri));
    }
    if (grantType === "authorization_code") {
      const code = this.#codes.get(body.get("code") ?? "");
      this.#codes.delete(body.get("code") ?? "");
      const challenge = createHash("sha256")
        .update(body.get("code_verifier") ?? "")
        .digest("base64url");
      if (code?.challenge !== challenge || code.redirectUri !== body.get("redirect_uri"))
        return error(400, "invalid_grant");
      return this.#granted(this.#grant(code.username, code.scopes, code.redirectUri));
    }
    const answer = this.deviceAnswers.shift() ?? "authorization_pending";
    return answer.startsWith("user:") ? this.#granted(this.#grant(answer.slice(5), "api", null)) : error(400, answer);
  }

  #granted(grant: Grant): [number, Record<string, unknown>] {
    return [
      200,
      {
        access_token: grant.access,
        token_type: "Bearer",
        expires_in: this.ttlSeconds,
        refresh_token: grant.refresh,
        scope: grant.scopes,
        created_at: Math.floor(this.now() / 1000),
      },
    ];
  }

  #api(path: string, request: IncomingMessage, response: ServerResponse): void {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    this.apiTokens.push(token);
    if (this.api?.(request, response)) return;
    const grant = this.#grants.find(({ access }) => access === token);
    const refuse = (description: string): void =>
      this.#json(response, 401, { error: "invalid_token", error_description: description });
    if (!grant) this.#json(response, 401, { message: "401 Unauthorized" });
    else if (grant.revoked !== "no") refuse("Token was revoked. You have to re-authorize from the user.");
    else if (grant.expiresAt <= this.now()) {
      refuse("Token is expired. You can either do re-authorization or token refresh.");
    } else if (path.startsWith("/api/v4/") && path !== "/api/v4/personal_access_tokens/self") {
      this.#json(response, 200, { id: [...grant.username].length, username: grant.username });
    } else this.#json(response, 404, { message: "404 Not Found" });
  }

  #json(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
  }
}

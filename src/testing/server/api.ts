import { Fields } from "./fields.js";
import { Refusal, type Answer, type Call } from "./handler.js";
import type { GitLabState } from "../state/gitlab-state.js";
import { acceptedScopes, actAs, authenticate, requireScope, tokenOf } from "./authentication.js";
import type { EmulatorHandler } from "./custom-answers.js";
import type { ApiDocument } from "./document.js";
import { generateAnswer } from "./generated.js";
import { isUnencodedProjectPath, notDeclared } from "./not-declared.js";
import { paginate } from "./pagination.js";
import { parsePairs, type Values } from "./parameters.js";
import type { RateLimiter } from "./rate-limit.js";
import { jsonReply, textReply, type Reply } from "./reply.js";
import { requireGranular } from "./granular.js";
import { pathOf, type Endpoint } from "./endpoints.js";
import type { Routes } from "./routes.js";
import { validate } from "./validation.js";
import type { RequestHeaders } from "./wire.js";

/** A request before anything is known about it. */
export interface IncomingRequest {
  readonly method: string;
  /** The path of the request line without the emulator's prefix, still encoded. */
  readonly path: string;
  readonly url: URL;
  readonly headers: RequestHeaders;
  readonly contentType: string | undefined;
  /** Takes what the emulator has to say about the request. */
  readonly warnings: string[];
  /** Reads the parameters of the body; refuses what it cannot read. */
  readonly body: () => Promise<Values>;
}

/** What an {@link Api} is made of. */
export interface ApiParts {
  readonly gitlab: GitLabState;
  /** Made with the first request. */
  readonly routing: () => { readonly document: ApiDocument; readonly routes: Routes<Endpoint> };
  /** The answers that a test has declared. */
  readonly custom: Routes<EmulatorHandler>;
  readonly limiter: RateLimiter;
}

/** What a path leads to, or the methods that it has. */
export type Match =
  | { readonly value: Endpoint; readonly path: Readonly<Record<string, string>> }
  | { readonly allowed: readonly string[] };

/** The REST API: from a request to GitLab's answer. */
export class Api {
  /** A request is matched before, while and after it is answered. */
  #lastMatch: { readonly method: string; readonly path: string; readonly match: Match } | undefined;

  constructor(private readonly parts: ApiParts) {}

  /** Where a request leads to; the methods that its path has, when it has not this one. */
  match(method: string, path: string): Match {
    const last = this.#lastMatch;
    if (last?.method === method && last.path === path) return last.match;
    const match = this.parts.routing().routes.find(method === "HEAD" ? "GET" : method, path);
    this.#lastMatch = { method, path, match };
    return match;
  }

  async answer(request: IncomingRequest): Promise<Reply> {
    const { limiter, gitlab } = this.parts;
    const rate = limiter.observe(tokenOf(request.headers, request.url.searchParams) ?? "", gitlab.now());
    if (rate.exceeded) return textReply(429, "Retry later\n", rate.headers);
    const reply = await this.#carryOut(request).catch((error: unknown) => {
      if (error instanceof Refusal) return jsonReply(error.status, error.body, error.headers);
      throw error;
    });
    return { ...reply, headers: { ...rate.headers, ...reply.headers } };
  }

  async #carryOut(request: IncomingRequest): Promise<Reply> {
    const { gitlab, routing } = this.parts;
    const { document } = routing();
    const caller = actAs(
      gitlab,
      authenticate(gitlab, tokenOf(request.headers, request.url.searchParams)),
      request.headers.get("sudo") ?? request.url.searchParams.get("sudo"),
    );
    const own = await this.#customAnswer(request, caller?.user.username);
    if (own !== undefined) return own;
    const match = this.match(request.method, request.path);
    if ("allowed" in match) {
      if (match.allowed.length === 0 && isUnencodedProjectPath(request.path)) {
        return jsonReply(404, { error: "404 Not Found" });
      }
      return notDeclared(request.method, request.path, undefined, match.allowed);
    }
    const { operation, handler, served } = match.value;
    if (caller?.token.granular !== undefined) {
      requireGranular(gitlab, caller.token, operation.method, operation.path, pathOf(match.value, match.path));
    } else if (caller !== undefined) requireScope(caller.token, acceptedScopes(request.method, request.path));
    else if (operation.method !== "GET") throw new Refusal(401, { message: "401 Unauthorized" });
    if (served === "not-declared") return notDeclared(request.method, request.path, operation);
    const path = pathOf(match.value, match.path);
    const values: Values = { ...parsePairs(request.url.searchParams), ...(await request.body()) };
    validate(operation, path, values);
    const call: Call = {
      gitlab,
      operation,
      document,
      method: request.method,
      path,
      params: new Fields(values),
      values,
      user: caller?.user,
      token: caller?.token,
      url: request.url,
    };
    if (handler !== undefined) {
      // Handlers act before they wait: what they warn of belongs to this request.
      const answer = handler(call);
      request.warnings.push(...gitlab.warnings.splice(0));
      return toReply(call, await answer);
    }
    const generated = generateAnswer(document, operation, call);
    if (generated === undefined) return notDeclared(request.method, request.path, operation);
    const reply = toReply(call, generated);
    return { ...reply, headers: { ...reply.headers, "x-emulator": "generated" } };
  }

  async #customAnswer(request: IncomingRequest, username: string | undefined): Promise<Reply | undefined> {
    const found = this.parts.custom.find(request.method, request.path);
    if (!("value" in found)) return undefined;
    const answer = await found.value({
      method: request.method,
      path: request.path,
      pathParameters: found.path,
      query: request.url.searchParams,
      body: await request.body(),
      username,
    });
    if (answer === undefined) return undefined;
    const { body, status = body === undefined ? 204 : 200, headers = {} } = answer;
    const marked = { "x-emulator": "custom", ...headers };
    if (body === undefined) return { status, headers: marked, body: null };
    return typeof body === "string" ? textReply(status, body, marked) : jsonReply(status, body, marked);
  }
}

function toReply(call: Call, answer: Answer): Reply {
  switch (answer.kind) {
    case "json":
      return jsonReply(answer.status, answer.body, answer.headers);
    case "list":
      return paginate(call, answer.list, answer.headers);
    case "empty":
      return { status: answer.status, headers: answer.headers ?? {}, body: null };
    case "text":
      return {
        status: answer.status,
        headers: { "content-type": answer.contentType, ...answer.headers },
        body: answer.body,
      };
    case "bytes":
      return {
        status: answer.status,
        headers: { "content-type": answer.contentType, ...answer.headers },
        body: new Uint8Array(answer.body),
      };
  }
}

import { Fields } from "../fields.js";
import { Refusal, type Answer, type Call, type Handlers } from "../handler.js";
import type { World } from "../world.js";
import { acceptedScopes, authenticate, requireScope, tokenOf } from "./authentication.js";
import { paginate } from "./pagination.js";
import { parsePairs, type Values } from "./parameters.js";
import type { RateLimiter } from "./rate-limit.js";
import { jsonReply, textReply, type Reply } from "./reply.js";
import { matchRoute, type Match, type Route } from "./routes.js";
import { validate } from "./validation.js";

/** A request before anything is known about it. */
export interface IncomingRequest {
  readonly method: string;
  /** The path of the request line without the emulator's prefix, still encoded. */
  readonly path: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly contentType: string | undefined;
  /** Reads the parameters of the body; refuses what it cannot read. */
  readonly body: () => Promise<Values>;
}

/** The REST API: from a request to GitLab's answer. */
export class Api {
  constructor(
    private readonly world: World,
    private readonly routes: readonly Route[],
    private readonly handlers: Handlers,
    private readonly limiter: RateLimiter,
  ) {}

  match(method: string, path: string): Match {
    return matchRoute(this.routes, method === "HEAD" ? "GET" : method, path);
  }

  async answer(request: IncomingRequest): Promise<Reply> {
    const rate = this.limiter.observe(tokenOf(request.headers, request.url.searchParams) ?? "", this.world.now());
    if (rate.exceeded) return textReply(429, "Retry later\n", rate.headers);
    const reply = await this.#carryOut(request).catch((error: unknown) => {
      if (error instanceof Refusal) return jsonReply(error.status, error.body, error.headers);
      throw error;
    });
    return { ...reply, headers: { ...rate.headers, ...reply.headers } };
  }

  async #carryOut(request: IncomingRequest): Promise<Reply> {
    const match = this.match(request.method, request.path);
    if (match === undefined) return jsonReply(404, { error: "404 Not Found" });
    if ("allowed" in match) {
      return jsonReply(405, { error: "405 Not Allowed" }, { allow: [...match.allowed, "OPTIONS", "HEAD"].join(", ") });
    }
    const { operation } = match.route;
    const handler = this.handlers[operation.operationId];
    if (handler === undefined) return jsonReply(404, { error: "404 Not Found" });
    const caller = authenticate(this.world, tokenOf(request.headers, request.url.searchParams));
    if (caller !== undefined) requireScope(caller.token, acceptedScopes(request.method, request.path));
    else if (operation.method !== "GET") throw new Refusal(401, { message: "401 Unauthorized" });
    const values: Values = { ...parsePairs(request.url.searchParams), ...(await request.body()) };
    validate(operation.parameters, match.path, values);
    const call: Call = {
      world: this.world,
      operationId: operation.operationId,
      method: request.method,
      path: match.path,
      params: new Fields(values),
      values,
      user: caller?.user,
      token: caller?.token,
      url: request.url,
    };
    return toReply(call, await handler(call));
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

import { randomUUID } from "node:crypto";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { openToolbox, type ToolboxOptions } from "../adapters/toolbox.js";
import { selectTools, type Selection } from "../adapters/select.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab.js";
import { readBytes } from "../http/body.js";
import { toHttpResponse } from "../http/fetch-transport.js";
import type { Session } from "../sessions/sessions.js";
import { createFlights } from "./flights.js";
import { createRateLimiter, type RateLimit } from "./limits.js";
import { messagesOf, type Messages } from "./messages.js";
import { checkHandlerOptions } from "./options.js";
import { checkOrigin, corsHeaders, type OriginRules } from "./origins.js";
import { refuse, unauthorized } from "./refusals.js";
import { createToolServer, type McpServerOptions } from "./server.js";
import { toMcpTools, type McpTools, type McpOffer } from "./tools.js";

/** Options of {@link createMcpHandler}. */
export interface McpHandlerOptions extends Omit<McpOffer, "select" | "policy">, McpServerOptions, OriginRules {
  readonly gitlab: GitLab;
  /** The most that any session may use, whatever it was minted with. Default: all tools. */
  readonly select?: Selection;
  /** The largest request that is read, in bytes. Default: 4 MiB. */
  readonly maxBodyBytes?: number;
  /** Messages that one session may send to this process. Default: 600 in 60 seconds. */
  readonly rateLimit?: RateLimit;
  /** Requests of one session that are worked on at once in this process. Default: 20. */
  readonly maxConcurrent?: number;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
  /** Told what kept a request from being answered, such as a store that is away. Default: a process warning. */
  readonly onError?: (error: unknown) => void;
}

/** Streamable HTTP for many people, as a `fetch` handler. */
export interface McpHandler {
  (request: Request): Promise<Response>;
  /** Answers no further requests, waits for those under way, and aborts what takes longer than `graceMs`. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * An MCP endpoint for many people: each request's bearer token is a session from `gitlab.createSession`. Stateless, so
 * that any of any number of replicas can answer any request; `Mcp-Session-Id` only tells a client's requests from those
 * of another client with the same session, for cancelling. A cancellation takes effect in the process that works on
 * the call: to have that always, let the load balancer route by `Mcp-Session-Id`.
 *
 * @throws {GitLabToolError} `invalid_input` for options that do not fit, `unknown_tool`
 * @example
 * ```ts
 * const mcp = createMcpHandler({ gitlab, allowedOrigins: ["https://app.example"] });
 * app.all("/mcp", (context) => mcp(context.req.raw)); // Hono
 * ```
 */
export function createMcpHandler(options: McpHandlerOptions): McpHandler {
  checkHandlerOptions(options);
  const {
    gitlab,
    select,
    maxBodyBytes = 4 * 1024 * 1024,
    maxConcurrent = 20,
    now = Date.now,
    onError = warn,
  } = options;
  const limiter = createRateLimiter(options.rateLimit ?? { messages: 600, perSeconds: 60 }, now);
  const flights = createFlights();
  const most = select && new Set(selectTools(select).map(({ name }) => name));
  // The session says which tools, and whose account.
  const { select: _, structuredContent = false, ...rest } = options;
  const offer: Omit<ToolboxOptions, "identifier"> = { ...rest, outputSchema: structuredContent };
  let closing = false;

  function toolsOf({ connectionName, identifier, select: own, policy }: Session): McpTools {
    const chosen = most ? { tools: selectTools(own).flatMap(({ name }) => (most.has(name) ? [name] : [])) } : own;
    const session = { connectionName, identifier, ...(chosen && { select: chosen }), ...(policy && { policy }) };
    return toMcpTools(openToolbox({ ...offer, ...session }), options);
  }

  async function answer(request: Request, session: Session, messages: Messages): Promise<Response> {
    const client = request.headers.get("mcp-session-id") ?? "";
    const owner = JSON.stringify([session.sessionId, client]);
    for (const id of messages.cancelled) await flights.cancel(owner, id);
    if (messages.requests.size > 0 && flights.count(session.sessionId) >= maxConcurrent)
      return refuse(429, "Too many requests of this session are under way.", { headers: { "Retry-After": "1" } });

    const { server, settled } = createToolServer(() => Promise.resolve(toolsOf(session)), options);
    const transport = new WebStandardStreamableHTTPServerTransport({});
    await server.connect(transport);
    const flight = flights.add({ owner, session: session.sessionId, ids: messages.requests, server });
    const response = await transport.handleRequest(request, { parsedBody: messages.body });
    const headers = new Headers(response.headers);
    if (messages.initializes) headers.set("Mcp-Session-Id", randomUUID());
    const land = async (): Promise<void> => {
      await settled();
      flight.landed();
      await server.close();
    };
    if (!response.body) await land();
    return new Response(response.body && landing(response.body, land), { status: response.status, headers });
  }

  async function handle(request: Request): Promise<Response> {
    if (request.method === "OPTIONS") return new Response(null, { status: 204 });
    // There is no stream to listen on and no state to delete (Model Context Protocol, "Streamable HTTP").
    if (request.method !== "POST") return refuse(405, "Only POST is served.", { headers: { Allow: "POST" } });
    if (closing)
      return refuse(503, "The server is shutting down.", { headers: { "Retry-After": "1", Connection: "close" } });
    const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const session = token === undefined ? undefined : await gitlab.verifySession(token);
    if (!session) return unauthorized(token !== undefined);
    const text = await readText(request, maxBodyBytes);
    if (text === undefined) return refuse(400, "The body did not arrive.");
    const wait = limiter.take(session.sessionId, 1);
    if (wait > 0)
      return refuse(429, `Too many messages; wait ${wait} s.`, { headers: { "Retry-After": String(wait) } });
    const messages = messagesOf(text);
    if (!messages) return refuse(400, "The body is not JSON.", { code: -32_700 });
    // Gone from the protocol, and a way around the number of requests that may be under way.
    if (Array.isArray(messages.body))
      return refuse(400, "Batches are not taken: send one message a request.", { code: -32_600 });
    return await answer(request, session, messages);
  }

  async function respond(request: Request): Promise<Response> {
    const refused = checkOrigin(request, options);
    if (refused) return refused;
    const response = await handle(request).catch((error: unknown) => {
      const tooLarge = error instanceof GitLabToolError && error.code === "response_too_large";
      if (tooLarge) return refuse(413, `The body is larger than ${maxBodyBytes} bytes.`);
      onError(error);
      return refuse(503, "The server cannot answer now.", { headers: { "Retry-After": "5" } });
    });
    for (const [name, value] of Object.entries(corsHeaders(request))) response.headers.set(name, value);
    return response;
  }

  return Object.assign(respond, {
    async close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}) {
      closing = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)));
      await Promise.race([flights.settled(), late]);
      clearTimeout(timer);
      await flights.abortAll();
    },
  });
}

function warn(error: unknown): void {
  process.emitWarning(`MCP request failed: ${error instanceof Error ? error.message : String(error)}`);
}

/** The body as text; `undefined` where the client went away halfway, which is nobody's failure. */
async function readText(request: Request, limit: number): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await readBytes(toHttpResponse(new Response(request.body), request.signal), limit));
  } catch (error) {
    if (error instanceof GitLabToolError) throw error;
    return undefined;
  }
}

/**
 * The answer's body, with its end told. A client that goes away has not cancelled: its calls run to their end (Model
 * Context Protocol, "Streamable HTTP").
 */
function landing(body: ReadableStream<Uint8Array>, land: () => Promise<void>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      controller.close();
      await land();
    },
    async cancel(reason) {
      await reader.cancel(reason);
      await land();
    },
  });
}

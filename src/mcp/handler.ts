import { randomUUID } from "node:crypto";
import {
  createMcpHandler as createModernHandler,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { Session } from "../sessions/sessions.js";
import { scopesUpTo } from "./authorization/scopes.js";
import { offerOf } from "./authorization/offer.js";
import { createSignInServer } from "./authorization/sign-in-server.js";
import { readText } from "../web/body.js";
import { isLegacy } from "./legacy.js";
import { answerInTime } from "./slow-answer.js";
import { createOpenRequests } from "./open-requests.js";
import { createMessageLimiter } from "../web/limits.js";
import { messagesOf, type Messages } from "./messages.js";
import { checkHandlerOptions, type McpHandlerOptions } from "./options.js";
import type { McpOperation } from "./operations.js";
import { checkHost, checkOrigin, corsHeaders } from "./origins.js";
import { defaultProgressIntervalMs } from "./progress.js";
import { insufficient, refuse, unauthorized } from "./refusals.js";
import { watchRequest, type McpRequest, type RequestWatch } from "./requests.js";
import { createToolServer, type ToolServer } from "./server.js";
import { createSessionTools } from "./session-tools.js";

/** Streamable HTTP for many people, as a `fetch` handler. */
export interface McpHandler {
  (request: Request): Promise<Response>;
  /** Answers no further requests, waits for those under way, and aborts what takes longer than `graceMs`. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * An MCP endpoint for many people: each request's bearer token is a session from `gitlab.createSession`. It speaks the
 * stateless protocol of 2026-07-28 and those of `initialize` before it, statelessly too, so that any of any number of
 * replicas can answer any request. `Mcp-Session-Id` only tells a client's requests from those of another client with
 * the same session, for cancelling before 2026-07-28: such a cancellation takes effect in the process that works on the
 * call; to have that always, let the load balancer route by `Mcp-Session-Id`.
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
  const { gitlab, maxBodyBytes = 4 * 1024 * 1024, maxConcurrent = 20, now = Date.now, onError = warn } = options;
  const { progressIntervalMs = defaultProgressIntervalMs } = options;
  const limiter = createMessageLimiter(options.rateLimit ?? { messages: 600, perSeconds: 60 }, now);
  const openRequests = createOpenRequests();
  const { signIn: signInOptions, ...offer } = options;
  const sessionTools = createSessionTools(offer);
  const signIn =
    signInOptions && createSignInServer({ ...signInOptions, gitlab, offer: offerOf(options, sessionTools.offered) });
  const stop = new AbortController();
  let closing = false;

  const serverOf = (session: Session, onOperation: (operation: McpOperation) => void): ToolServer => {
    const tools = sessionTools.open(session);
    return createToolServer(() => Promise.resolve(tools), { ...options, signal: stop.signal, onOperation });
  };

  /** Servers of requests that the SDK serves by 2026-07-28. */
  const opened = new WeakMap<Request, ToolServer>();
  const modern = createModernHandler(
    ({ requestInfo }) => {
      const created = requestInfo && opened.get(requestInfo);
      if (!created) throw new TypeError("The SDK asks for a server without its request.");
      return created.server;
    },
    { legacy: "reject" },
  );

  /** Serves messages by the protocols of `initialize`. */
  async function serveLegacy(request: Request, { server }: ToolServer, { body, streams }: Messages): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !streams });
    await server.connect(transport);
    return await transport.handleRequest(request, { parsedBody: body });
  }

  async function serve(request: Request, session: Session, messages: Messages, watch: RequestWatch): Promise<Response> {
    const client = request.headers.get("mcp-session-id") ?? "";
    const owner = JSON.stringify([session.sessionId, client]);
    for (const id of messages.cancelled) await openRequests.cancel(owner, id);
    const count = messages.requests.size;
    if (count > maxConcurrent)
      return refuse(400, `More than ${maxConcurrent} requests in one batch.`, { code: -32_600 });
    if (count > 0 && openRequests.count(session.sessionId) + count > maxConcurrent)
      return refuse(429, "Too many requests of this session are under way.", { headers: { "Retry-After": "1" } });

    const created = serverOf(session, watch.operation);
    const { server, whenIdle } = created;
    const legacy = await isLegacy(request, messages.body);
    let cancelled: (response: Response) => void = () => undefined;
    const cancelling = new Promise<Response>((resolve) => (cancelled = resolve));
    const openRequest = openRequests.add({
      owner,
      session: session.sessionId,
      ids: messages.requests,
      async stop() {
        await server.close();
        cancelled(new Response("", { headers: { "Content-Type": "text/event-stream" } }));
      },
      endless: messages.listens && !legacy,
    });
    const finish = async (): Promise<void> => {
      await whenIdle();
      watch.bodyEnded();
      openRequest.finished();
      await server.close();
    };
    if (!legacy) opened.set(request, created);
    const answering = Promise.race([
      cancelling,
      legacy ? serveLegacy(request, created, messages) : modern.fetch(request, { parsedBody: messages.body }),
    ]);
    const response = await (messages.streams ? answering : answerInTime(answering, progressIntervalMs)).catch(
      async (error: unknown) => {
        await finish();
        throw error;
      },
    );
    if (legacy && messages.initializes) response.headers.set("Mcp-Session-Id", randomUUID());
    // A stream ends later than it begins. All else is complete: nothing is open that would have to be closed.
    if (!response.body || response.headers.get("content-type") !== "text/event-stream") {
      openRequest.finished();
      return response;
    }
    watch.bodyBegins(response.status);
    return new Response(finishAfter(response.body, finish), { status: response.status, headers: response.headers });
  }

  const sessionOf = async (token: string): Promise<Session | undefined> =>
    (await signIn?.verify(token)) ?? (await gitlab.verifySession(token));

  async function handle(request: Request, watch: RequestWatch): Promise<Response> {
    if (request.method === "OPTIONS") return new Response(null, { status: 204 });
    // There is no stream to listen on and no state to delete (Model Context Protocol, "Streamable HTTP").
    if (request.method !== "POST") return refuse(405, "Only POST is served.", { headers: { Allow: "POST" } });
    if (closing)
      return refuse(503, "The server is shutting down.", { headers: { "Retry-After": "1", Connection: "close" } });
    const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const session = token === undefined ? undefined : await sessionOf(token);
    if (!session) return unauthorized(token !== undefined, signIn?.challenge());
    watch.session(session);
    const text = await readText(request, maxBodyBytes);
    if (text === undefined) return refuse(400, "The body did not arrive.");
    const messages = messagesOf(text);
    const wait = limiter.take(session.sessionId, messages?.count ?? 1);
    if (wait > 0)
      return refuse(429, `Too many messages; wait ${wait} s.`, { headers: { "Retry-After": String(wait) } });
    if (!messages) return refuse(400, "The body is not JSON.", { code: -32_700 });
    if (messages.batch && !takesBatch(request, messages))
      return refuse(400, "Batches are not taken: send one message a request.", { code: -32_600 });
    const beyond = signIn?.gave(session) ? sessionTools.beyond(session, messages.tools) : undefined;
    if (beyond && signIn) return insufficient(beyond, signIn.challenge(scopesUpTo(beyond.access)));
    return await serve(request, session, messages, watch);
  }

  function reportRequest(request: McpRequest): void {
    try {
      options.onRequest?.(request);
    } catch (error) {
      onError(error);
    }
  }

  async function respond(request: Request): Promise<Response> {
    const watch = watchRequest(request, reportRequest);
    const response = await responseTo(request, watch);
    watch.closes(response.status);
    return response;
  }

  async function responseTo(request: Request, watch: RequestWatch): Promise<Response> {
    const refused = checkHost(request, options);
    if (refused) return refused;
    // Pages and documents of signing in have rules of their own for who may ask.
    const about = await guarded(signIn?.handle(request) ?? Promise.resolve(undefined));
    if (about) return about;
    const stranger = checkOrigin(request, options);
    if (stranger) return stranger;
    const response = await guarded(handle(request, watch));
    for (const [name, value] of Object.entries(corsHeaders(request))) response.headers.set(name, value);
    return response;
  }

  async function guarded<Result>(work: Promise<Result>): Promise<Result | Response> {
    return await work.catch((error: unknown) => {
      const tooLarge = error instanceof GitLabToolError && error.code === "response_too_large";
      if (tooLarge) return refuse(413, `The body is larger than ${maxBodyBytes} bytes.`);
      onError(error);
      return refuse(503, "The server cannot answer now.", { headers: { "Retry-After": "5" } });
    });
  }

  return Object.assign(respond, {
    async close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}) {
      closing = true;
      await within(graceMs, openRequests.whenIdle());
      // What is still worked on is answered as aborted: its clients would wait for nothing otherwise, and not learn that
      // GitLab may have acted.
      stop.abort();
      await within(abortGraceMs, openRequests.whenIdle());
      await modern.close();
    },
  });
}

/** How long aborted calls may take to say so. */
const abortGraceMs = 1_000;

/** Batches came with 2025-03-26, which had no header to say so yet, and went with 2025-06-18. */
function takesBatch(request: Request, { count }: Messages): boolean {
  const version = request.headers.get("mcp-protocol-version");
  return count > 0 && (version === null || version <= "2025-03-26");
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}

function warn(error: unknown): void {
  process.emitWarning(`MCP request failed: ${error instanceof Error ? error.message : String(error)}`);
}

/**
 * The answer's body, with its end told. Before 2026-07-28, a client that goes away has not cancelled: its calls run to
 * their end (Model Context Protocol, "Streamable HTTP"). Since then it has: the SDK hears of it by the request's signal.
 */
function finishAfter(body: ReadableStream<Uint8Array>, finish: () => Promise<void>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      controller.close();
      await finish();
    },
    async cancel(reason) {
      await reader.cancel(reason);
      await finish();
    },
  });
}

import { Hono } from "hono";
import { toolNames } from "../../generated/tool-names.js";
import { failureOf } from "../connect/failures.js";
import { failurePage, html, page } from "../connect/pages.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { isTooDeep } from "../views/depth.js";
import { readText } from "../web/body.js";
import { isHostAllowed } from "../web/hosts.js";
import { createMessageLimiter } from "../web/limits.js";
import { sealedRows } from "../web/sealed-rows.js";
import { failure, refuse, responseOf, success, type GatewayAnswer } from "./answers.js";
import { createApiKeys, storeOf, type ApiKey } from "./api-keys.js";
import { accountOf, checkScope } from "./bounds.js";
import { gatewayDocument } from "./document.js";
import { createJournal } from "./journal.js";
import { loadMeasure } from "./measure.js";
import type { GatewayCaller, GatewayOperation } from "./operation.js";
import { operations } from "./operations/index.js";
import type { GatewayOptions, Noted } from "./options.js";
import { createRepeats, type Kept } from "./repeats.js";

/** HTTP and JSON for the programs of products, as a `fetch` handler. */
export interface GatewayHandler {
  (request: Request): Promise<Response>;
  /** Answers no further requests, waits for those under way, and aborts what takes longer than `graceMs`. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** How long aborted calls may take to say so. */
const abortGraceMs = 1_000;
const longestPath = 200;

/**
 * The gateway: every request brings a product's API key, and is held to what that key may do.
 *
 * @throws {GitLabToolError} `invalid_input` for a client whose store keeps no rows
 */
export function createGateway(options: GatewayOptions): GatewayHandler {
  const { gitlab, maxBodyBytes = 4 * 1024 * 1024, maxConcurrent = 20, onError } = options;
  const { parts, rows } = storeOf(gitlab);
  const { now } = parts;
  const keys = createApiKeys(gitlab);
  const gateway = { gitlab, now, journal: options.journal ?? createJournal(gitlab) };
  const limiter = createMessageLimiter(options.rateLimit ?? { messages: 600, perSeconds: 60 }, now);
  const repeats = createRepeats(sealedRows<Kept>(parts, rows, "kept answer"), now, onError);
  const tools = new Set<string>([...toolNames, ...gitlab.tools.map(({ definition }) => definition.name)]);
  const stop = new AbortController();
  /** How many requests of each key are worked on. */
  const working = new Map<string, number>();
  let idle = (): void => undefined;
  let closing = false;

  async function authenticate(request: Request): Promise<ApiKey | GatewayAnswer> {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    try {
      const apiKey = token === undefined ? undefined : await keys.verify(token);
      return apiKey ?? unauthorized(token !== undefined);
    } catch (error) {
      onError(error);
      return storeAway;
    }
  }

  async function bodyOf(request: Request, { body }: GatewayOperation): Promise<unknown> {
    if (!body) return undefined;
    const text = await readText(request, maxBodyBytes).catch((error: unknown) => {
      const isTooLarge = error instanceof GitLabToolError && error.code === "response_too_large";
      throw isTooLarge ? new Refused(tooLarge(maxBodyBytes)) : error;
    });
    const read = parsed(text ?? "");
    if (read === undefined || isTooDeep(read)) throw new Refused(notJson);
    return read;
  }

  /** Works on one request of a key, with room made for it. */
  async function perform(
    one: GatewayOperation,
    request: Request,
    path: Caught,
    apiKey: ApiKey,
    noted: Noted,
  ): Promise<GatewayAnswer> {
    try {
      checkScope(apiKey, one.needs);
      const query = Object.fromEntries(new URL(request.url).searchParams);
      const body = await bodyOf(request, one);
      const sentKey = request.headers.get("idempotency-key");
      const idempotencyKey = sentKey !== null && (await one.changes?.(gateway, body)) ? sentKey : null;
      const caller: GatewayCaller = {
        apiKey,
        // What may be asked for again goes on when its client has gone away: the answer is kept.
        signal: idempotencyKey === null ? AbortSignal.any([stop.signal, request.signal]) : stop.signal,
        account: (named) => (noted.account = accountOf(apiKey, named)),
        calls(tool) {
          // A name that nobody has given a tool is whatever a client has written.
          if (tools.has(tool)) noted.tool = tool;
        },
      };
      const work = async (): Promise<GatewayAnswer> => {
        try {
          return success(await one.run(gateway, caller, { path, query, body }));
        } catch (error) {
          return failed(error, apiKey, noted);
        }
      };
      if (idempotencyKey === null) return await work();
      if (!/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) return badIdempotencyKey;
      return await repeats({ apiKey, idempotencyKey, what: JSON.stringify([one.id, body]) }, work);
    } catch (error) {
      return failed(error, apiKey, noted);
    }
  }

  function failed(error: unknown, apiKey: ApiKey, noted: Noted): GatewayAnswer {
    if (error instanceof Refused) return error.answer;
    if (error instanceof GitLabToolError) {
      if (error.code === "internal") onError(error);
    } else onError(error);
    return failure(error, { apiKey, account: noted.account });
  }

  async function handle(one: GatewayOperation, request: Request, path: Caught, noted: Noted): Promise<GatewayAnswer> {
    noted.operation = one.id;
    if (closing) return shuttingDown;
    const apiKey = await authenticate(request);
    if (!("keyId" in apiKey)) return apiKey;
    const { keyId } = apiKey;
    noted.keyId = keyId;
    const wait = limiter.take(keyId, 1);
    if (wait > 0) return tooMany(`This key has sent too many requests; wait ${wait} s.`, wait);
    const count = working.get(keyId) ?? 0;
    if (count >= maxConcurrent) return tooMany(`More than ${maxConcurrent} requests of this key are under way.`, 1);
    working.set(keyId, count + 1);
    try {
      return await perform(one, request, path, apiKey, noted);
    } finally {
      const left = (working.get(keyId) ?? 1) - 1;
      if (left > 0) working.set(keyId, left);
      else working.delete(keyId);
      if (working.size === 0) idle();
    }
  }

  const notes = new WeakMap<Request, Noted>();
  const app = new Hono();
  for (const one of operations) {
    const route = one.path.replaceAll(/\{(\w+)\}/g, ":$1");
    app.on(one.method, route, async ({ req }) => {
      const noted = notes.get(req.raw) ?? {};
      const answer = await handle(one, req.raw, req.param(), noted);
      noted.code = answer.code;
      return responseOf(answer);
    });
  }
  for (const path of new Set(operations.map((one) => one.path))) {
    const allow = operations.filter((one) => one.path === path).map(({ method }) => method);
    app.all(path.replaceAll(/\{(\w+)\}/g, ":$1"), () => responseOf(notAllowed(allow)));
  }
  let document: string | undefined;
  app.get("/openapi.json", () => responseOf({ status: 200, body: (document ??= JSON.stringify(gatewayDocument())) }));
  if (options.callback) app.get("/callback/:connection", ({ req }) => comeBack(req.raw));
  app.notFound(() => responseOf(nothingHere));
  app.onError((error) => {
    onError(error);
    return responseOf(failure(error));
  });

  /** Where GitLab sends a person's browser. */
  async function comeBack(request: Request): Promise<Response> {
    try {
      const { connectedAccount } = await gitlab.handleCallback(request.url);
      const { gitlabUser, baseUrl } = connectedAccount;
      const who = gitlabUser === undefined ? "Your account" : `@${gitlabUser.username}`;
      return page(
        "GitLab is connected",
        html`<p>${who} on ${new URL(baseUrl).host} is connected. You can close this page.</p>
          <p>If you have not begun this yourself, end it at GitLab, under Preferences, Applications.</p>`,
      );
    } catch (error) {
      const { status, title, message } = failureOf(error);
      if (status >= 500) onError(error);
      return failurePage(status, title, message);
    }
  }

  async function respond(request: Request): Promise<Response> {
    const began = performance.now();
    const noted: Noted = {};
    notes.set(request, noted);
    const response = isHostAllowed(request, options.allowedHosts) ? await app.fetch(request) : responseOf(wrongHost);
    const { status } = response;
    const durationMs = Math.round((performance.now() - began) * 10) / 10;
    const { pathname } = new URL(request.url);
    const { code, ...known } = noted;
    options.onRequest?.({
      ...{ method: request.method, path: pathname.slice(0, longestPath), status, durationMs },
      ...known,
      ...(code !== undefined && { code }),
    });
    const route = operations.find(({ id }) => id === noted.operation)?.path;
    void loadMeasure().then((measure) => measure?.({ method: request.method, status, route, code }, durationMs / 1000));
    return response;
  }

  return Object.assign(respond, {
    async close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}) {
      closing = true;
      const ended = new Promise<void>((resolve) => {
        idle = resolve;
        if (working.size === 0) resolve();
      });
      await within(graceMs, ended);
      // What is still worked on is answered as aborted: its clients would not learn that GitLab may have acted.
      stop.abort();
      await within(abortGraceMs, ended);
    },
  });
}

/** What is not gone on with. */
class Refused extends Error {
  constructor(readonly answer: GatewayAnswer) {
    super("refused");
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

type Caught = Readonly<Record<string, string>>;

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}

/** 401 as RFC 6750, section 3 wants it: no error code when no key was given at all. */
function unauthorized(hasKey: boolean): GatewayAnswer {
  const message = hasKey
    ? "This API key is unknown, or has ended."
    : "Send an API key as Authorization: Bearer gat_…; gitlab-agent-tools keys create makes one.";
  const parts = ['Bearer realm="gitlab-agent-tools"', ...(hasKey ? ['error="invalid_token"'] : [])];
  return refuse(401, { code: "invalid_api_key", message }, { "WWW-Authenticate": parts.join(", ") });
}

const tooMany = (message: string, seconds: number): GatewayAnswer =>
  refuse(
    429,
    {
      ...{ code: "rate_limited", message, hint: "Nothing was done. Wait, then send it again.", retryable: true },
      details: { retryAfterSeconds: seconds },
    },
    { "Retry-After": String(seconds) },
  );

const notJson = refuse(400, {
  ...{ code: "invalid_input", message: "The body is not JSON, or is nested too deeply." },
  hint: "Nothing was done. Send an object as application/json.",
});

const tooLarge = (limit: number): GatewayAnswer =>
  refuse(413, {
    ...{ code: "invalid_input", message: `The body is larger than ${limit} bytes.` },
    hint: "Nothing was done. Send less at once.",
  });

const notAllowed = (methods: readonly string[]): GatewayAnswer =>
  refuse(
    405,
    { code: "invalid_input", message: `Only ${methods.join(" and ")} is served here.` },
    { Allow: methods.join(", ") },
  );

const nothingHere = refuse(404, {
  ...{ code: "not_found", message: "There is nothing at this address." },
  hint: "/openapi.json says what there is.",
});

const wrongHost = refuse(403, {
  ...{ code: "forbidden", message: "This host is not served." },
  hint: "Its operator names it with --trusted-host or --public-url.",
});

const storeAway = refuse(
  503,
  {
    ...{ code: "internal", message: "The gateway cannot tell now whether this key is good.", retryable: true },
    hint: "Nothing was done. Send it again.",
  },
  { "Retry-After": "5" },
);

const shuttingDown = refuse(
  503,
  {
    ...{ code: "aborted", message: "The gateway is shutting down.", retryable: true },
    hint: "Nothing was done. Send it again.",
  },
  { "Retry-After": "1", Connection: "close" },
);

const badIdempotencyKey = refuse(400, {
  ...{ code: "invalid_input", message: "Idempotency-Key must be 1 to 255 characters of ASCII, without spaces." },
  hint: "Nothing was done. Use a random UUID.",
});

import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { systemCode } from "../errors/network.js";
import { waitBefore } from "./backoff.js";
import type { BodyFormat } from "./body-format.js";
import { readHead, readJson } from "./body.js";
import { abortReason } from "./budget.js";
import { buildRequest } from "./build-request.js";
import { bodiless, isRedirect, requestIdOf } from "./head.js";
import type { RequestEvent } from "./observer.js";
import { redactBody, redactUrl } from "./redact.js";
import { failureOf, shouldRetry, type Failure, type Repeatable } from "./should-retry.js";
import type { HttpRequest, HttpResponse } from "./transport.js";
import type { Destination, GitLabResponse, SendingCall, WireRequest } from "./wire.js";

/**
 * Sends a request to the connection's instance, again where that is safe, and reads the last response, whatever its
 * status. Each attempt, reading included, takes a turn of its own at the account's gate, and gives it back whatever
 * happens.
 *
 * Only `baseUrl`'s origin ever sees the token. Errors are those of the transport and of a body that cannot be read.
 */
export async function send(
  call: SendingCall,
  wire: WireRequest,
  format: BodyFormat,
  destination: Destination,
): Promise<GitLabResponse> {
  const { signal } = call.budget;
  const request = { ...(await buildRequest(wire, destination.baseUrl, destination.token)), signal };
  const sending: Sending = { call, wire, format, destination, request };
  for (let attempt = 1; ; attempt += 1) {
    const leave = await destination.gate.enter(call.budget);
    let outcome: GitLabResponse | Pause;
    try {
      outcome = await tryOnce(sending, attempt);
    } finally {
      leave();
    }
    if (!("waitMs" in outcome)) return outcome;
    await call.runtime.clock.sleep(outcome.waitMs, signal);
  }
}

interface Sending {
  readonly call: SendingCall;
  readonly wire: WireRequest;
  readonly format: BodyFormat;
  readonly destination: Destination;
  readonly request: HttpRequest;
}

/** Before the next attempt. */
interface Pause {
  readonly waitMs: number;
}

async function tryOnce(sending: Sending, attempt: number): Promise<GitLabResponse | Pause> {
  const { call, wire, format, destination, request } = sending;
  const { progress, budget, observer, runtime } = call;
  const { gate, transport, token } = destination;
  const before = progress.uncertain;
  const watched = observer?.begin(eventOf(call, wire, request, attempt));
  let response: HttpResponse | undefined;
  const waitAfter = (failure: Failure): number | undefined => {
    if (budget.signal.aborted || !shouldRetry(repeatable(call, wire, format), failure)) return undefined;
    const headers = failure.status === undefined ? undefined : response?.headers;
    return waitBefore({ attempt, headers, deadline: budget.deadline }, runtime.retry, runtime.clock.now());
  };
  try {
    if (budget.signal.aborted) throw abortReason(budget.signal);
    Object.assign(progress, { sent: true, uncertain: true, status: undefined, requestId: undefined });
    let head = await transport.send(request);
    if (isRedirect(head)) {
      const { followRedirects } = await import("./redirect.js");
      head = await followRedirects(request, head, { ...destination, allowOtherOrigin: format.as === "download" });
    }
    response = head;
    progress.requestId = requestIdOf(response.headers, [token]);
    watched?.responded(response, progress.requestId);
    gate.observe(response);
    progress.status = response.status;
    if (response.status < 500) progress.uncertain = before;
    const waitMs = response.status < 400 ? undefined : waitAfter({ status: response.status });
    if (waitMs === undefined) return await read(response, format, runtime.maxResponseBytes);
    response.body.cancel();
    watched?.repeated(waitMs, response.status);
    return { waitMs };
  } catch (error) {
    const failure = failureOf(error, response !== undefined);
    if (!response) {
      if (failure.reason === "never connected" || failure.reason === "refused before sending") {
        progress.uncertain = before;
      }
      watched?.failed(error);
    }
    // Whatever went wrong, nobody reads the rest.
    response?.body.cancel();
    const waitMs = waitAfter(failure);
    if (waitMs === undefined) throw error;
    watched?.repeated(waitMs, (error instanceof GitLabToolError ? undefined : systemCode(error)) ?? "damaged answer");
    return { waitMs };
  }
}

function repeatable({ runtime }: SendingCall, wire: WireRequest, format: BodyFormat): Repeatable {
  const isRead = wire.method === "GET" || wire.reads === true;
  return {
    idempotent: wire.idempotent && (isRead || !runtime.retry.reads),
    // A download that goes to a file is not begun again behind the caller's back.
    canRetryRead: isRead && format.as !== "download",
  };
}

/** An error's words are at its beginning. */
const mostErrorBytes = 64 * 1024;

async function read(response: HttpResponse, format: BodyFormat, limit: number): Promise<GitLabResponse> {
  const { status, headers } = response;
  if ((status >= 200 && status < 300) || status === 304)
    return { ok: true, status, headers, data: await readBody(response, format, limit) };
  // The status alone says enough when the body broke off.
  return { ok: false, status, headers, text: await readHead(response, mostErrorBytes).catch(() => "") };
}

/** Reads the body of a successful response. `limit`: the most bytes that may be kept of it. */
async function readBody(response: HttpResponse, format: BodyFormat, limit: number): Promise<unknown> {
  if (format.as === "nothing" || bodiless.has(response.status)) {
    response.body.cancel();
    return null;
  }
  if (format.as === "download") return await (await import("./download.js")).readDownload(response, format, limit);
  if (format.as === "json" || (format.as === "json or text" && hasJsonType(response)))
    return await readJson(response, limit);
  return await (await import("./text-body.js")).readText(response, format.part, limit);
}

const hasJsonType = ({ headers }: HttpResponse): boolean => /[/+]json\b/.test(headers.get("content-type") ?? "");

function eventOf({ identity }: SendingCall, wire: WireRequest, request: HttpRequest, attempt: number): RequestEvent {
  const { method, url } = request;
  const body = wire.body && { body: redactBody(wire.body) };
  return { ...identity, method, url: redactUrl(url), route: wire.path, ...body, attempt };
}

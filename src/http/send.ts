import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { systemCode } from "../errors/network.js";
import { waitBefore } from "./backoff.js";
import { abortReason } from "./budget.js";
import { buildRequest } from "./build-request.js";
import type { RequestEvent } from "./observer.js";
import { redactBody, redactUrl } from "./redact.js";
import { isRedirect, requestIdOf } from "./head.js";
import { failureOf, shouldRetry, type Failure } from "./should-retry.js";
import type { HttpRequest, HttpResponse } from "./transport.js";
import type { SendOptions, WireRequest } from "./wire.js";

type Outcome<Result> = { readonly result: Result } | { readonly waitMs: number };

/**
 * Sends a request to the connection's instance, again where that is safe, and gives the last response to `read`,
 * whatever its status. Each attempt takes a turn of its own at the account's gate, and gives it back whatever happens.
 *
 * Only `baseUrl`'s origin ever sees the token. Errors are those of the transport and of `read`.
 */
export async function send<Result>(
  wire: WireRequest,
  options: SendOptions,
  read: (response: HttpResponse) => Promise<Result>,
): Promise<Result> {
  const { signal } = options.budget;
  const request = { ...(await buildRequest(wire, options.baseUrl, options.token)), signal };
  for (let attempt = 1; ; attempt += 1) {
    const leave = await options.gate.enter(options.budget);
    let outcome: Outcome<Result>;
    try {
      outcome = await tryOnce(wire, request, attempt, options, read);
    } finally {
      leave();
    }
    if ("result" in outcome) return outcome.result;
    await options.clock.sleep(outcome.waitMs, signal);
  }
}

async function tryOnce<Result>(
  wire: WireRequest,
  request: HttpRequest,
  attempt: number,
  options: SendOptions,
  read: (response: HttpResponse) => Promise<Result>,
): Promise<Outcome<Result>> {
  const { progress, gate, budget, observer, transport, token } = options;
  const before = progress.uncertain;
  const watched = observer?.begin(eventOf(wire, request, attempt, options));
  let response: HttpResponse | undefined;
  const idempotent = wire.idempotent && (!options.retry.reads || wire.method === "GET" || wire.reads === true);
  const waitAfter = (failure: Failure): number | undefined => {
    if (budget.signal.aborted || !shouldRetry({ idempotent, canRetryRead: options.canRetryRead }, failure))
      return undefined;
    const headers = failure.status === undefined ? undefined : response?.headers;
    return waitBefore({ attempt, headers, deadline: budget.deadline }, options.retry, options.clock.now());
  };
  try {
    if (budget.signal.aborted) throw abortReason(budget.signal);
    Object.assign(progress, { sent: true, uncertain: true, status: undefined, requestId: undefined });
    let head = await transport.send(request);
    if (isRedirect(head)) {
      const { followRedirects } = await import("./redirect.js");
      head = await followRedirects(request, head, options);
    }
    response = head;
    progress.requestId = requestIdOf(response.headers, [token]);
    watched?.responded(response, progress.requestId);
    gate.observe(response);
    progress.status = response.status;
    if (response.status < 500) progress.uncertain = before;
    const waitMs = response.status < 400 ? undefined : waitAfter({ status: response.status });
    if (waitMs === undefined) return { result: await read(response) };
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

function eventOf(wire: WireRequest, request: HttpRequest, attempt: number, { call }: SendOptions): RequestEvent {
  const { method, url } = request;
  const body = wire.body && { body: redactBody(wire.body) };
  return { ...call, method, url: redactUrl(url), route: wire.path, ...body, attempt };
}

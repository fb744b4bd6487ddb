import ky from "ky";
import { requestIdOf } from "../errors/classify.js";
import { failedBeforeConnecting, retryAfterSeconds, systemCode } from "../errors/network.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { RequestEvent } from "./observer.js";
import { followRedirects } from "./redirect.js";
import type { SendOptions } from "./wire.js";

const transient = [429, 502, 503, 504];
const firstWaitMs = 400;
const mostBackoffMs = 8000;

/** Exponential backoff with equal jitter: half of the wait is fixed, half is chance. */
function backoff(attempt: number): number {
  const whole = Math.min(mostBackoffMs, firstWaitMs * 2 ** (attempt - 1));
  return whole / 2 + (Math.random() * whole) / 2;
}

/** How long to wait before sending again; `undefined` where that is not safe or does not fit. */
function waitAfter(
  failure: { response: Response } | { error: unknown; reading: boolean },
  attempt: number,
  idempotent: boolean,
  { signal, deadline, retry, clock, rereads }: SendOptions,
): number | undefined {
  if (attempt >= retry.attempts || signal.aborted) return undefined;
  let wait = backoff(attempt);
  if ("response" in failure) {
    const { status, headers } = failure.response;
    // A 429 comes before GitLab acts, whatever the method.
    if (!transient.includes(status) || (status !== 429 && !idempotent)) return undefined;
    const asked = (retryAfterSeconds(headers, clock.now()) ?? 0) * 1000;
    wait = asked > 0 ? asked + Math.random() * 250 : wait;
  } else {
    const { error, reading } = failure;
    const { name } = error instanceof Error ? error : { name: "" };
    if (name === "AbortError" || name === "TimeoutError") return undefined;
    if (error instanceof GitLabToolError && !error.retryable) return undefined;
    if (reading ? !rereads || !idempotent : !idempotent && !failedBeforeConnecting(error)) return undefined;
    // Whatever else goes wrong with an answer that has come goes wrong again.
    if (reading && !(error instanceof GitLabToolError) && systemCode(error) === undefined) return undefined;
  }
  const fits = wait <= retry.longestWaitMs && wait < deadline - performance.now();
  return fits ? wait : undefined;
}

/** An attempt that failed and may be made again. */
class Again extends Error {
  constructor(readonly waitMs: number) {
    super();
  }
}

/**
 * Sends a request, again where that is safe, and gives the last answer to `receive`, whatever its status.
 *
 * Safe is: what repeats harmlessly, and what GitLab has certainly not acted on (nobody listened, or 429). ky makes the
 * attempts, each with a fresh copy of the request; how long to wait is ours to say, as is what an attempt is.
 */
export async function sendWithRetries<Result>(
  request: Request,
  idempotent: boolean,
  event: Omit<RequestEvent, "attempt">,
  options: SendOptions,
  receive: (response: Response) => Promise<Result>,
): Promise<Result> {
  let received: { readonly result: Result } | undefined;
  let attempt = 0;
  await ky(request, {
    signal: options.signal,
    // The call's own signal ends it, waiting for its turn and reading included.
    timeout: false,
    fetch: async (copy) => {
      attempt += 1;
      const release = await options.gate.enter(options);
      try {
        const outcome = await tryOnce(new Request(copy), idempotent, { ...event, attempt }, options, receive);
        if ("waitMs" in outcome) throw new Again(outcome.waitMs);
        received = outcome;
        return new Response(null, { status: 204 });
      } finally {
        release();
      }
    },
    retry: {
      limit: options.retry.attempts - 1,
      methods: ["get", "post", "put", "patch", "delete"],
      shouldRetry: ({ error }) => error instanceof Again,
      delay: () => 0,
    },
    hooks: {
      beforeRetry: [
        async ({ error }) => {
          if (error instanceof Again) await options.clock.sleep(error.waitMs, options.signal);
        },
      ],
    },
  });
  if (!received) throw new TypeError("No answer was read");
  return received.result;
}

async function tryOnce<Result>(
  request: Request,
  idempotent: boolean,
  event: RequestEvent,
  options: SendOptions,
  receive: (response: Response) => Promise<Result>,
): Promise<{ result: Result } | { waitMs: number }> {
  const { progress, gate, signal, observer } = options;
  const before = progress.uncertain;
  const watched = observer.begin(event);
  let reading = false;
  try {
    signal.throwIfAborted();
    Object.assign(progress, { sent: true, uncertain: true, status: undefined });
    const fetchOne = (one: Request): Promise<Response> =>
      (options.fetch ?? globalThis.fetch)(one, { redirect: "manual", signal });
    const response = await followRedirects(request, await fetchOne(request), options, fetchOne);
    watched.answered(response, requestIdOf(response.headers, [options.token]));
    gate.observe(response);
    progress.status = response.status;
    if (response.status < 500) progress.uncertain = before;
    const waitMs = waitAfter({ response }, event.attempt, idempotent, options);
    if (waitMs === undefined) {
      reading = true;
      return { result: await receive(response) };
    }
    await response.body?.cancel();
    watched.repeated(waitMs, response.status);
    return { waitMs };
  } catch (error) {
    if (!reading) {
      if (failedBeforeConnecting(error)) progress.uncertain = before;
      watched.failed(error);
    }
    const waitMs = waitAfter({ error, reading }, event.attempt, idempotent, options);
    if (waitMs === undefined) throw error;
    watched.repeated(waitMs, (error instanceof GitLabToolError ? undefined : systemCode(error)) ?? "damaged answer");
    return { waitMs };
  }
}

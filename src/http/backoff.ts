import { retryAfterSeconds } from "../errors/network.js";
import type { HeaderReader } from "./transport.js";
import type { RetrySettings } from "./wire.js";

const firstWaitMs = 400;
const mostBackoffMs = 8000;
/** All who were told the same second do not come back in the same millisecond. */
const spreadMs = 250;

/** Exponential backoff in milliseconds, without chance: for what nobody else does at the same moment. */
export function exponential(attempt: number, firstMs: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** (attempt - 1));
}

/** Exponential backoff with equal jitter, in milliseconds: half of the wait is fixed, half is chance. */
export function backoff(attempt: number, firstMs = firstWaitMs, mostMs = mostBackoffMs): number {
  return exponential(attempt, firstMs, mostMs) * (0.5 + Math.random() / 2);
}

/**
 * How long to wait before the next attempt, in milliseconds: as long as GitLab asks, or the backoff. `undefined` where
 * no attempt is left, or the wait is longer than the settings or the call's budget allow.
 */
export function waitBefore(
  {
    attempt,
    headers,
    deadline,
  }: { readonly attempt: number; readonly headers?: HeaderReader; readonly deadline: number },
  { attempts, longestWaitMs }: RetrySettings,
  now: number,
): number | undefined {
  if (attempt >= attempts) return undefined;
  const requestedMs = headers ? (retryAfterSeconds(headers, now) ?? 0) * 1000 : 0;
  const wait = requestedMs > 0 ? requestedMs + Math.random() * spreadMs : backoff(attempt);
  return wait <= longestWaitMs && wait < deadline - performance.now() ? wait : undefined;
}

import type { HeaderReader } from "./transport.js";

/** What an answer's headers say of a rate limit (GitLab documentation, "Rate limits: response headers"). */
export interface RateLimit {
  readonly name: string;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds from now to the window's end. */
  readonly resetInMs: number;
}

/** No window of GitLab's is longer. */
export const longestWindowMs = 3_600_000;

/** `RateLimit-Reset` is a time on GitLab's clock: where the answer says what time it is there, ours does not matter. */
export function readRateLimit(headers: HeaderReader, now: number): RateLimit | undefined {
  const [limit, remaining, reset] = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map((name) =>
    Number(headers.get(name) || Number.NaN),
  );
  if (limit === undefined || remaining === undefined || reset === undefined) return undefined;
  if (![limit, remaining, reset].every(Number.isFinite) || limit <= 0) return undefined;
  const there = Date.parse(headers.get("date") ?? "");
  // A Date header has no milliseconds: half a second is the likeliest remainder.
  const resetInMs = reset * 1000 - (Number.isNaN(there) ? now : there + 500);
  return {
    name: headers.get("ratelimit-name") ?? "",
    limit,
    remaining: Math.max(0, remaining),
    resetInMs: Math.min(Math.max(0, resetInMs), longestWindowMs),
  };
}

/** One account's share of one of GitLab's rate limits. */
export class Throttle {
  #gapMs = 0;
  #nextAt = 0;
  #endsAt = 0;

  constructor(private readonly slowDownBelow: number) {}

  /** Spreads what is left over the rest of the window once it gets scarce. */
  observe({ limit, remaining, resetInMs }: RateLimit, now: number): void {
    this.#endsAt = now + resetInMs;
    if (remaining === 0) return this.closeUntil(this.#endsAt);
    const scarce = remaining <= limit * this.slowDownBelow;
    this.#gapMs = scarce ? resetInMs / (remaining + 1) : 0;
    this.#nextAt = scarce ? Math.max(this.#nextAt, now + this.#gapMs) : 0;
  }

  closeUntil(at: number): void {
    this.#endsAt = Math.max(this.#endsAt, at);
    this.#nextAt = Math.max(this.#nextAt, at);
  }

  /** How long the next request has to wait. */
  waitMs(now: number): number {
    return this.isOver(now) ? 0 : Math.max(0, Math.min(this.#nextAt, this.#endsAt) - now);
  }

  /** Counts a request that passes. */
  pass(now: number): void {
    if (!this.isOver(now)) this.#nextAt = Math.max(this.#nextAt, now + this.#gapMs);
    else this.#gapMs = this.#nextAt = 0;
  }

  /** The window has ended: what is known of it no longer counts. */
  isOver(now: number): boolean {
    return now >= this.#endsAt;
  }
}

/** How many requests one user may make in how many seconds. */
export interface RateLimit {
  readonly limit: number;
  readonly periodSeconds: number;
}

export interface RateState {
  readonly headers: Readonly<Record<string, string>>;
  readonly exceeded: boolean;
}

/** Counts requests in windows of fixed length, as GitLab does: a counter per caller that starts again every period. */
export class RateLimiter {
  readonly #counts = new Map<string, { window: number; observed: number }>();

  constructor(public rate: RateLimit) {}

  /** Counts one request. */
  observe(caller: string, now: Date): RateState {
    const { limit, periodSeconds } = this.rate;
    const seconds = Math.floor(now.getTime() / 1000);
    const window = Math.floor(seconds / periodSeconds);
    const before = this.#counts.get(caller);
    const observed = before?.window === window ? before.observed + 1 : 1;
    this.#counts.set(caller, { window, observed });
    const reset = (window + 1) * periodSeconds;
    const exceeded = observed > limit;
    return {
      exceeded,
      headers: {
        "ratelimit-limit": String(limit),
        "ratelimit-name": "throttle_authenticated_api",
        "ratelimit-observed": String(observed),
        "ratelimit-remaining": String(Math.max(0, limit - observed)),
        "ratelimit-reset": String(reset),
        ...(exceeded ? { "retry-after": String(reset - seconds) } : {}),
      },
    };
  }
}

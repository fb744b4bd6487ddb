/** Time as calls see it. */
export interface Clock {
  /** Milliseconds since 1970, for moments that others state. Somebody may set it back. */
  readonly now: () => number;
  /** Milliseconds that only ever grow, for durations. */
  readonly steady: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * A clock for durations, beside one that may be set. It never goes back; and it goes on while the machine sleeps, which
 * `performance.now()` does not everywhere.
 */
export function steadyClock(now: () => number): () => number {
  let elapsed = 0;
  let last = { wall: now(), monotonic: performance.now() };
  return () => {
    const present = { wall: now(), monotonic: performance.now() };
    elapsed += Math.max(0, present.wall - last.wall, present.monotonic - last.monotonic);
    last = present;
    return elapsed;
  };
}

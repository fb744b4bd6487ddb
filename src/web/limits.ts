export interface MessageRateLimit {
  /** Messages that a session may send in a burst, and over {@link perSeconds} in the long run. */
  readonly messages: number;
  readonly perSeconds: number;
}

export interface MessageLimiter {
  /** Seconds to wait, or 0 when there is room for `messages` now; these are counted then. */
  take(session: string, messages: number): number;
}

/** A token bucket per session, in this process: what one replica lets one agent do. */
export function createMessageLimiter(
  { messages: size, perSeconds }: MessageRateLimit,
  now: () => number,
): MessageLimiter {
  const buckets = new Map<string, { left: number; at: number }>();
  const perMs = size / (perSeconds * 1000);

  /** A bucket that is full again says nothing. */
  function dropFull(at: number): void {
    for (const [session, bucket] of buckets) {
      if (bucket.left + (at - bucket.at) * perMs >= size) buckets.delete(session);
    }
  }

  return {
    take(session, messages) {
      const at = now();
      if (buckets.size >= 10_000) dropFull(at);
      const bucket = buckets.get(session) ?? { left: size, at };
      const left = Math.min(size, bucket.left + (at - bucket.at) * perMs);
      const enough = left >= Math.min(messages, size);
      buckets.set(session, { left: enough ? left - messages : left, at });
      return enough ? 0 : Math.ceil((Math.min(messages, size) - left) / perMs / 1000);
    },
  };
}

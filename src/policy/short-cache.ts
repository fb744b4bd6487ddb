/** What has been found out, for a short while. What one account sees, another may not: keys begin with the account. */
export interface ShortCache<Value> {
  /** The value of a key, found by `find` unless it is known. Failures are not kept. */
  resolve(key: readonly string[], find: () => Promise<Value>): Promise<Value>;
}

const keptMs = 60_000;
const most = 5000;

/** @param now a clock that never goes back, in milliseconds */
export function createShortCache<Value>(now: () => number): ShortCache<Value> {
  const known = new Map<string, { readonly value: Value; readonly until: number }>();
  return {
    async resolve(key, find) {
      const text = JSON.stringify(key);
      const entry = known.get(text);
      if (entry && now() < entry.until) return entry.value;
      const value = await find();
      known.delete(text);
      known.set(text, { value, until: now() + keptMs });
      const oldest = known.keys().next();
      if (known.size > most && !oldest.done) known.delete(oldest.value);
      return value;
    },
  };
}

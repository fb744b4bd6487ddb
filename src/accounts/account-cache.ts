import type { AccountRecord } from "../stores/account-store.js";
import { keyText } from "./keys.js";
import type { Tokens } from "./tokens.js";
import type { AccountKey, Credentials } from "./types.js";

/** An account with its tokens in the clear. */
export interface Held {
  readonly record: AccountRecord;
  readonly tokens: Tokens;
  readonly instance: Credentials["instance"];
}

interface Cached {
  readonly held: Held;
  /** Until when its token is not renewed. */
  readonly until: number;
  /** Until when the store is not asked whether another process has changed the account. */
  readonly checkedUntil: number;
}

const mostCached = 10_000;

/** Whether nobody has written the row in between. */
export function isUnchanged(seen: AccountRecord, stored: AccountRecord): boolean {
  return seen.id === stored.id && seen.version === stored.version;
}

/**
 * Decrypted accounts in memory, the most recently kept ones. Another process may disconnect an account or put another
 * person's token in its place while the old token goes on working at GitLab: nothing is believed for longer than
 * `trustMs` without a look at the store.
 */
export class AccountCache {
  readonly #entries = new Map<string, Cached>();
  readonly #trustMs: number;
  readonly #now: () => number;
  /** Grows when something is forgotten: what was read before that is not kept. */
  epoch = 0;

  constructor(trustMs: number, now: () => number) {
    this.#trustMs = trustMs;
    this.#now = now;
  }

  /** What may be used without a look at the store. */
  fresh(key: AccountKey): Held | undefined {
    const cached = this.#entries.get(keyText(key));
    return cached && this.#now() < Math.min(cached.until, cached.checkedUntil) ? cached.held : undefined;
  }

  /** What was last seen of this row, if it is still as it was then. */
  same(record: AccountRecord): Cached | undefined {
    const cached = this.#entries.get(keyText(record));
    return cached && isUnchanged(cached.held.record, record) ? cached : undefined;
  }

  /** @param since the epoch in which `held` was read */
  keep(held: Held, since: number, until: number): Held {
    if (since !== this.epoch) return held;
    const text = keyText(held.record);
    this.#entries.delete(text);
    this.#entries.set(text, { held, until, checkedUntil: this.#now() + this.#trustMs });
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > mostCached && !oldest.done) this.#entries.delete(oldest.value);
    return held;
  }

  drop(key: AccountKey): void {
    this.#entries.delete(keyText(key));
  }

  forget(key: AccountKey): void {
    this.epoch += 1;
    this.drop(key);
  }

  forgetConnection(connectionName: string): void {
    this.epoch += 1;
    for (const [text, { held }] of this.#entries) {
      if (held.record.connectionName === connectionName) this.#entries.delete(text);
    }
  }
}

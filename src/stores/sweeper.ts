import type { AccountStore } from "./account-store.js";

/** Deletes what has ended, while the store is written to. */
export interface Sweeper {
  /** Something was written that ends by itself. Costs nothing but now and then. */
  wrote(): void;
  /** Resolves when no sweep is under way. */
  idle(): Promise<void>;
}

/** The most that one sweep deletes of each kind. */
export const sweepLimit = 1_000;
/** Half as many as a sweep deletes: what has ended becomes less however much is written, by any number of replicas. */
const writesBetween = sweepLimit / 2;
const intervalMs = 60_000;
/** How long a used or expired state is remembered, so that a late callback hears what is the matter with it. */
const authorizationMemoryMs = 24 * 60 * 60_000;
/**
 * How long it is remembered that a process died with a lock: who has it next has to know that its work may be half done.
 * After that GitLab has ended what a refresh could have lost.
 */
const lockMemoryMs = 30 * 86_400_000;

/** @param now the clock, in milliseconds since 1970 */
export function createSweeper(store: AccountStore, now: () => number): Sweeper {
  let [writes, last] = [0, now()];
  let sweeping: Promise<void> | undefined;

  async function sweep(): Promise<void> {
    // What cannot be deleted now is found by the next sweep.
    await Promise.allSettled([
      store.deleteAuthorizations(last - authorizationMemoryMs),
      store.rows?.deleteEnded(last),
      store.deleteAbandonedLocks?.(lockMemoryMs),
    ]);
  }

  return {
    wrote() {
      writes += 1;
      if (sweeping || (writes < writesBetween && now() - last < intervalMs)) return;
      [writes, last] = [0, now()];
      sweeping = sweep().finally(() => (sweeping = undefined));
    },
    async idle() {
      await sweeping;
    },
  };
}

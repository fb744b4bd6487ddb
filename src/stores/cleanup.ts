import type { AccountStore } from "./account-store.js";

/** Deletes what has ended, while the store is written to. */
export interface Cleanup {
  /** Something was written that ends by itself. Costs nothing but now and then. */
  wrote(): void;
  /** Resolves when no cleanup is under way. */
  idle(): Promise<void>;
}

/** The most that one cleanup deletes of each kind. */
export const cleanupLimit = 1_000;
/** Half as many as one cleanup deletes: what has ended becomes less however much is written, by any number of replicas. */
const writesBetween = cleanupLimit / 2;
const intervalMs = 60_000;
/** How long a used or expired state is remembered, so that a late callback hears what is the matter with it. */
const authorizationMemoryMs = 24 * 60 * 60_000;
/**
 * How long it is remembered that a process died with a lock: who has it next has to know that its work may be half done.
 * After that GitLab has ended what a refresh could have lost.
 */
const lockMemoryMs = 30 * 86_400_000;

/** @param now the clock, in milliseconds since 1970 */
export function createCleanup(store: AccountStore, now: () => number): Cleanup {
  let [writes, last] = [0, now()];
  let running: Promise<void> | undefined;

  async function deleteEnded(): Promise<void> {
    // What cannot be deleted now is found by the next cleanup.
    await Promise.allSettled([
      store.deleteAuthorizations(last - authorizationMemoryMs),
      store.rows?.deleteEnded(last),
      store.deleteAbandonedLocks?.(lockMemoryMs),
    ]);
  }

  return {
    wrote() {
      writes += 1;
      if (running || (writes < writesBetween && now() - last < intervalMs)) return;
      [writes, last] = [0, now()];
      running = deleteEnded().finally(() => (running = undefined));
    },
    async idle() {
      await running;
    },
  };
}

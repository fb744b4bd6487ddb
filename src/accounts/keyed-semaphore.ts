import { abortReason } from "../http/budget.js";
import type { LockOptions } from "../stores/account-store.js";
import { defaultWaitMs, lockNotFree } from "../stores/lock-wait.js";

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (reason: Error) => void;
}

interface PermitQueue {
  taken: number;
  readonly waiting: Set<Waiter>;
}

export interface Permit {
  /** Gives it to whoever waits the longest. */
  readonly release: () => void;
  /** Whether it was not free at once. */
  readonly waited: boolean;
}

/**
 * Limits how much goes on at once for each key. The others queue: thousands of accounts that expire together would
 * otherwise be thousands of requests, sockets and locks. Nobody waits without end, nor after the signal has aborted.
 */
export class KeyedSemaphore {
  readonly #permits: number;
  readonly #waitMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #queues = new Map<string, PermitQueue>();

  constructor(permits: number, { waitMs = defaultWaitMs, signal }: LockOptions) {
    this.#permits = permits;
    this.#waitMs = waitMs;
    this.#signal = signal;
    const refuse = (): void => {
      for (const { waiting } of this.#queues.values())
        for (const waiter of waiting) if (signal) waiter.refuse(abortReason(signal));
    };
    signal?.addEventListener("abort", refuse, { once: true });
  }

  async acquire(key: string): Promise<Permit> {
    const queue = this.#queues.get(key) ?? { taken: 0, waiting: new Set() };
    this.#queues.set(key, queue);
    const waited = queue.taken >= this.#permits;
    if (waited) await this.#wait(queue);
    else queue.taken += 1;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      const [next] = queue.waiting;
      // The permit goes to the next one as it is: `taken` stays.
      if (next) next.admit();
      else queue.taken -= 1;
      if (queue.taken === 0) this.#queues.delete(key);
    };
    return { release, waited };
  }

  async #wait({ waiting }: PermitQueue): Promise<void> {
    if (this.#signal?.aborted) throw abortReason(this.#signal);
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { admit: () => finish(resolve), refuse: (reason) => finish(() => reject(reason)) };
      const timer = setTimeout(() => waiter.refuse(lockNotFree()), this.#waitMs);
      const finish = (end: () => void): void => {
        clearTimeout(timer);
        waiting.delete(waiter);
        end();
      };
      waiting.add(waiter);
    });
  }
}

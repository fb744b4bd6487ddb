import { abortReason } from "../http/budget.js";
import type { LockOptions } from "../stores/account-store.js";
import { defaultWaitMs, lockNotFree } from "../stores/lock-wait.js";

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (reason: Error) => void;
}

interface Line {
  taken: number;
  readonly waiting: Set<Waiter>;
}

/** A place that somebody has. */
export interface Place {
  readonly leave: () => void;
  /** Whether it was not free at once. */
  readonly waited: boolean;
}

/**
 * How many may be at work on one thing at once. The others wait in line: thousands of accounts that end together would
 * otherwise be thousands of requests, sockets and locks. Nobody waits without end, nor when the signal has aborted.
 */
export class Places {
  readonly #most: number;
  readonly #waitMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #lines = new Map<string, Line>();

  constructor(most: number, { waitMs = defaultWaitMs, signal }: LockOptions) {
    this.#most = most;
    this.#waitMs = waitMs;
    this.#signal = signal;
    const refuse = (): void => {
      for (const { waiting } of this.#lines.values())
        for (const waiter of waiting) if (signal) waiter.refuse(abortReason(signal));
    };
    signal?.addEventListener("abort", refuse, { once: true });
  }

  async take(name: string): Promise<Place> {
    const line = this.#lines.get(name) ?? { taken: 0, waiting: new Set() };
    this.#lines.set(name, line);
    const waited = line.taken >= this.#most;
    if (waited) await this.#wait(line);
    else line.taken += 1;
    let occupied = true;
    const leave = (): void => {
      if (!occupied) return;
      occupied = false;
      const [next] = line.waiting;
      // The place goes to the next one as it is.
      if (next) next.admit();
      else line.taken -= 1;
      if (line.taken === 0) this.#lines.delete(name);
    };
    return { leave, waited };
  }

  async #wait({ waiting }: Line): Promise<void> {
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

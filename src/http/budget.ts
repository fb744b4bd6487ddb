/** What an aborted signal says, always as an error. */
export function abortReason({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new DOMException("Aborted", "AbortError");
}

/** Those who wait for a signal's end, and the one listener that tells them. */
interface Waiting {
  readonly stops: Set<() => void>;
  readonly stopAll: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `stop` when the signal aborts, unless what this returns is called before. However many calls share a signal, it
 * has one listener of ours: Node warns of a leak from the eleventh on.
 */
export function whenAborted(signal: AbortSignal, stop: () => void): () => void {
  const { stops, stopAll } = waitingFor.get(signal) ?? listen(signal);
  stops.add(stop);
  return () => {
    stops.delete(stop);
    if (stops.size > 0 || waitingFor.get(signal)?.stops !== stops) return;
    waitingFor.delete(signal);
    signal.removeEventListener("abort", stopAll);
  };
}

function listen(signal: AbortSignal): Waiting {
  const stops = new Set<() => void>();
  const stopAll = (): void => {
    for (const stop of stops) stop();
  };
  signal.addEventListener("abort", stopAll, { once: true });
  const waiting = { stops, stopAll };
  waitingFor.set(signal, waiting);
  return waiting;
}

/**
 * The result of `work`, or the signal's reason as soon as it aborts, whether or not `work` listens to the signal.
 * What becomes of `work` after that is ignored.
 */
export async function unlessAborted<Result>(work: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  if (!signal) return await work;
  let ignore = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(abortReason(signal));
    if (signal.aborted) stop();
    else ignore = whenAborted(signal, stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    ignore();
    work.catch(() => undefined);
  }
}

/** The time that a call has: one signal for its end and the caller's own. `close` it when the call has ended. */
export class Budget {
  readonly #controller = new AbortController();
  readonly #ignore: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #deadline = 0;

  constructor(timeoutMs: number, cancel?: AbortSignal) {
    if (cancel?.aborted) this.#controller.abort(cancel.reason);
    else if (cancel) this.#ignore = whenAborted(cancel, () => this.#controller.abort(cancel.reason));
    this.#start(timeoutMs);
  }

  /** Aborts when the time is up or the caller cancels. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** In milliseconds of `performance.now()`. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Does people's `work`, whose time does not count. */
  async pausedFor<Result>(work: () => Promise<Result>): Promise<Result> {
    const left = this.#deadline - performance.now();
    clearTimeout(this.#timer);
    try {
      return await work();
    } finally {
      this.#start(left);
    }
  }

  /** A part of this budget, which ends with it at the latest. */
  part(timeoutMs: number): Budget {
    return new Budget(Math.min(timeoutMs, this.#deadline - performance.now()), this.signal);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#ignore?.();
  }

  #start(timeoutMs: number): void {
    this.#deadline = performance.now() + timeoutMs;
    const end = (): void => this.#controller.abort(new DOMException("The time is up", "TimeoutError"));
    this.#timer = setTimeout(end, Math.max(0, Math.ceil(timeoutMs)));
  }
}

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

/** How many begin within one turn of the event loop. */
const mostAtOnce = 8;

const waiting: (() => void)[] = [];
let begun = 0;
let scheduled = false;

/**
 * Lets the event loop breathe when very many calls begin at once: each has a share of work before it waits for anything,
 * and a thousand of them in one turn hold up everything else in the process. The first few of a turn do not wait.
 */
export async function turn(): Promise<void> {
  schedule();
  if (begun < mostAtOnce && waiting.length === 0) {
    begun += 1;
    return;
  }
  await new Promise<void>((resolve) => waiting.push(resolve));
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(next);
}

function next(): void {
  scheduled = false;
  const those = waiting.splice(0, mostAtOnce);
  begun = those.length;
  for (const begin of those) begin();
  if (begun > 0) schedule();
}

import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { retryAfterSeconds } from "../errors/network.js";
import { abortReason, type Clock } from "./budget.js";
import { longestWindowMs, readRateLimitHeaders, type RateLimitHeaders } from "./head.js";
import type { HttpResponse } from "./transport.js";

/** How much may go on at once. */
export interface LimiterSettings {
  /** Requests under way per account. */
  readonly perAccount: number;
  /** Requests under way per GitLab instance, of all accounts. */
  readonly perInstance: number;
  /** From which share of a rate limit on an account's requests are spread over the rest of its window. */
  readonly slowDownBelow: number;
  /** A longer wait for a rate limit becomes `rate_limited` at once. */
  readonly longestWaitMs: number;
}

/** Where the requests of one route of one account pass. */
export interface Gate {
  /** Waits for a turn; call what it returns when the answer has been read. */
  enter(wait: { readonly signal: AbortSignal; readonly deadline: number }): Promise<() => void>;
  /** Learns from an answer's rate limit headers. */
  observe(response: Head): void;
}

export interface Limiter {
  /** `route` tells GitLab's throttles apart: files, notes and the rest are counted on their own. */
  gate(instance: string, account: string, route: string): Gate;
}

type Head = Pick<HttpResponse, "status" | "headers">;

interface WaitingRequest {
  readonly route: string;
  readonly deadline: number;
  readonly admit: () => void;
  readonly refuse: (error: GitLabToolError) => void;
}

interface AccountQueue {
  active: number;
  readonly waiting: WaitingRequest[];
  readonly throttles: Map<string, Throttle>;
}

const mostQueues = 1000;

/** Turns go round the accounts of an instance: one that asks for much does not keep the others waiting. */
export function createLimiter(settings: LimiterSettings, clock: Clock): Limiter {
  const instances = new Map<string, InstanceLimiter>();
  return {
    gate(name, account, route) {
      let instance = instances.get(name);
      if (!instance) instances.set(name, (instance = new InstanceLimiter(settings, clock)));
      return instance.gate(account, route);
    },
  };
}

class InstanceLimiter {
  #active = 0;
  readonly #queues = new Map<string, AccountQueue>();
  /** Those in which somebody waits, in the order of turns: who has just had one goes to the end. */
  readonly #turns = new Map<string, AccountQueue>();
  #dropIdleAt = mostQueues;
  /** Which of GitLab's throttles counts a route. */
  readonly #throttleOf = new Map<string, string>();
  #alarm: { at: number; stop: AbortController } | undefined;
  /** When the last alarm went off: it is no earlier than that, even if the clock should stand still. */
  #lastAlarm = -Infinity;

  constructor(
    private readonly settings: LimiterSettings,
    private readonly clock: Clock,
  ) {}

  gate(account: string, route: string): Gate {
    return {
      enter: ({ signal, deadline }) => this.#enter(account, route, signal, deadline),
      observe: (response) => this.#observe(account, route, response),
    };
  }

  #now(): number {
    return Math.max(this.clock.steady(), this.#lastAlarm);
  }

  #queue(account: string): AccountQueue {
    let queue = this.#queues.get(account);
    if (!queue) {
      if (this.#queues.size >= this.#dropIdleAt) this.#dropIdle();
      this.#queues.set(account, (queue = { active: 0, waiting: [], throttles: new Map() }));
    }
    return queue;
  }

  #enter(account: string, route: string, signal: AbortSignal, deadline: number): Promise<() => void> {
    const queue = this.#queue(account);
    // Nobody waits, and nothing has to be waited for.
    if (this.#turns.size === 0 && !signal.aborted && this.#hasRoom(queue)) {
      const throttle = this.#throttle(queue, route);
      const now = this.#now();
      if (!throttle || throttle.waitMs(now) === 0) {
        throttle?.pass(now);
        return Promise.resolve(this.#admit(queue));
      }
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const index = queue.waiting.indexOf(waiter);
        if (index >= 0) queue.waiting.splice(index, 1);
        reject(abortReason(signal));
        this.#admitWaiting();
      };
      const waiter: WaitingRequest = {
        route,
        deadline,
        admit: () => {
          signal.removeEventListener("abort", leave);
          resolve(this.#admit(queue));
        },
        refuse: (error) => {
          signal.removeEventListener("abort", leave);
          reject(error);
        },
      };
      queue.waiting.push(waiter);
      this.#turns.set(account, queue);
      if (signal.aborted) leave();
      else {
        signal.addEventListener("abort", leave, { once: true });
        this.#admitWaiting();
      }
    });
  }

  #hasRoom({ active }: AccountQueue): boolean {
    return active < this.settings.perAccount && this.#active < this.settings.perInstance;
  }

  #throttle({ throttles }: AccountQueue, route: string): Throttle | undefined {
    return throttles.get(this.#throttleOf.get(route) ?? "");
  }

  /** Counts a request that goes on, until what this returns is called. */
  #admit(queue: AccountQueue): () => void {
    queue.active += 1;
    this.#active += 1;
    let goesOn = true;
    return () => {
      if (!goesOn) return;
      goesOn = false;
      queue.active -= 1;
      this.#active -= 1;
      if (this.#turns.size > 0) this.#admitWaiting();
    };
  }

  #observe(account: string, route: string, response: Head): void {
    if (!response.headers.has("ratelimit-limit")) return;
    const now = this.#now();
    const rate = readRateLimitHeaders(response.headers, this.clock.now());
    if (!rate) return;
    this.#throttleOf.set(route, rate.name);
    const { throttles } = this.#queue(account);
    let throttle = throttles.get(rate.name);
    if (!throttle) throttles.set(rate.name, (throttle = new Throttle(this.settings.slowDownBelow)));
    throttle.observe(rate, now);
    if (response.status !== 429) return;
    // An absurd Retry-After must not shut the account out for good.
    throttle.closeUntil(
      now + Math.min((retryAfterSeconds(response.headers, this.clock.now()) ?? 1) * 1000, longestWindowMs),
    );
  }

  /** Gives turns to everybody who may have one now, and sets the alarm for the next who may not yet. */
  #admitWaiting(): void {
    let next = Infinity;
    for (let progress = true; progress;) {
      progress = false;
      next = Infinity;
      // Nobody gets in before somebody leaves, and that comes back here.
      if (this.#active >= this.settings.perInstance) break;
      for (const [account, queue] of this.#turns) {
        const turn = this.#turn(queue);
        if (turn === true || queue.waiting.length === 0) this.#turns.delete(account);
        if (turn === true) {
          if (queue.waiting.length > 0) this.#turns.set(account, queue);
          progress = true;
          break;
        }
        next = Math.min(next, turn);
      }
    }
    this.#setAlarm(next);
  }

  /** Lets the first of a queue in if it may pass; otherwise says when it may (`Infinity`: when somebody leaves). */
  #turn(queue: AccountQueue): true | number {
    const { waiting, active } = queue;
    if (active >= this.settings.perAccount) return Infinity;
    const now = this.#now();
    let next = Infinity;
    for (let at = 0, waiter = waiting[at]; waiter; waiter = waiting[at]) {
      const throttle = this.#throttle(queue, waiter.route);
      const waitMs = throttle?.waitMs(now) ?? 0;
      // One that is out of time without having to wait is ended by its own signal: no rate limit is to blame.
      if (waitMs > 0 && waitMs > Math.min(this.settings.longestWaitMs, waiter.deadline - performance.now())) {
        waiting.splice(at, 1);
        waiter.refuse(usedUp(waitMs));
      } else if (waitMs > 0) {
        next = Math.min(next, now + waitMs);
        at += 1;
      } else {
        waiting.splice(at, 1);
        throttle?.pass(now);
        waiter.admit();
        return true;
      }
    }
    return next;
  }

  #setAlarm(at: number): void {
    if (this.#alarm?.at === at) return;
    this.#alarm?.stop.abort();
    this.#alarm = undefined;
    if (at === Infinity) return;
    const alarm = { at, stop: new AbortController() };
    this.#alarm = alarm;
    void this.clock.sleep(Math.max(1, at - this.#now()), alarm.stop.signal).then(
      () => {
        if (this.#alarm === alarm) this.#alarm = undefined;
        this.#lastAlarm = Math.max(this.#lastAlarm, at);
        this.#admitWaiting();
      },
      () => undefined,
    );
  }

  /** Accounts that nothing waits for and nothing is known of any more are forgotten. */
  #dropIdle(): void {
    const now = this.#now();
    for (const [account, { active, waiting, throttles }] of this.#queues) {
      const idle = active === 0 && waiting.length === 0 && [...throttles.values()].every((one) => one.isOver(now));
      if (idle) this.#queues.delete(account);
    }
    // Where all of them are busy, looking again at every new one would be in vain.
    this.#dropIdleAt = Math.max(mostQueues, this.#queues.size * 2);
  }
}

/** One account's share of one of GitLab's rate limits. */
class Throttle {
  #gapMs = 0;
  #nextAt = 0;
  #endsAt = 0;

  constructor(private readonly slowDownBelow: number) {}

  /** Spreads what is left over the rest of the window once it gets scarce. */
  observe({ limit, remaining, resetInMs }: RateLimitHeaders, now: number): void {
    this.#endsAt = now + resetInMs;
    if (remaining === 0) return this.closeUntil(this.#endsAt);
    const scarce = remaining <= limit * this.slowDownBelow;
    this.#gapMs = scarce ? resetInMs / (remaining + 1) : 0;
    this.#nextAt = scarce ? Math.max(this.#nextAt, now + this.#gapMs) : 0;
  }

  closeUntil(at: number): void {
    this.#endsAt = Math.max(this.#endsAt, at);
    this.#nextAt = Math.max(this.#nextAt, at);
  }

  /** How long the next request has to wait. */
  waitMs(now: number): number {
    return this.isOver(now) ? 0 : Math.max(0, Math.min(this.#nextAt, this.#endsAt) - now);
  }

  /** Counts a request that passes. */
  pass(now: number): void {
    if (!this.isOver(now)) this.#nextAt = Math.max(this.#nextAt, now + this.#gapMs);
    else this.#gapMs = this.#nextAt = 0;
  }

  /** The window has ended: what is known of it no longer counts. */
  isOver(now: number): boolean {
    return now >= this.#endsAt;
  }
}

function usedUp(waitMs: number): GitLabToolError {
  const seconds = Math.ceil(waitMs / 1000);
  return new GitLabToolError({
    code: "rate_limited",
    message: `This account's rate limit at GitLab is used up for another ${seconds} s; the call was not sent.`,
    hint: `Call again in ${seconds} seconds.`,
    retryable: true,
    details: { retryAfterSeconds: seconds },
  });
}

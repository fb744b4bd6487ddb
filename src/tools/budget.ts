/** The time that a call has: one signal for its end and the caller's own. */
export class Budget {
  readonly signal: AbortSignal;
  /** In milliseconds of `performance.now()`. */
  readonly deadline: number;

  constructor(
    timeoutMs: number,
    private readonly cancel: AbortSignal | undefined,
  ) {
    const end = AbortSignal.timeout(Math.max(0, Math.ceil(timeoutMs)));
    this.signal = cancel ? AbortSignal.any([cancel, end]) : end;
    this.deadline = performance.now() + timeoutMs;
  }

  /** Waits for people's `work` and gives the budget that is left as if no time had passed. */
  async around(work: () => Promise<void>): Promise<Budget> {
    const left = this.deadline - performance.now();
    await work();
    return new Budget(left, this.cancel);
  }
}

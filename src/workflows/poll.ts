import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { Steps } from "./workflow.js";

/** What a look brought: the end, or how far it is. */
export type PollState<Result> = Readonly<{ done: true; result: Result } | { done: false; says: string }>;

/** How a wait ended, and how long it took. */
export interface Waited<Result> {
  /** Absent where the time was up before. */
  readonly result?: Result;
  readonly seconds: number;
}

const firstPauseMs = 3_000;
const longestPauseMs = 30_000;
/** What is kept of the budget for the answer. */
const marginMs = 2_000;
/** A shorter wait is not worth another look. */
const leastMs = 500;
/** So many failures in a row that may pass are looked over. */
const mostFailures = 3;

/**
 * Looks again and again, less and less often, until there is an end or the time is up. What may pass, such as a rate
 * limit or a gateway that is away, is waited for as well.
 *
 * @param mostMs the longest wait; the call's own budget ends it as well
 */
export async function poll<Result>(
  steps: Pick<Steps, "sleep" | "timeLeft" | "now" | "progress">,
  mostMs: number,
  look: () => Promise<PollState<Result>>,
): Promise<Waited<Result>> {
  const began = steps.now();
  let slept = 0;
  let failures = 0;
  // A clock that was set back makes no wait longer.
  const elapsed = (): number => Math.max(slept, steps.now() - began);
  for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 1.5)) {
    let asked = 0;
    let seen: PollState<Result> | undefined;
    try {
      seen = await look();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (!mayPass(error) || failures > mostFailures) throw error;
      const seconds = error.details?.["retryAfterSeconds"];
      asked = typeof seconds === "number" ? seconds * 1000 : 0;
    }
    const seconds = Math.round(elapsed() / 1000);
    if (seen?.done) return { result: seen.result, seconds };
    if (seen) steps.progress(seen.says);
    const left = Math.min(mostMs - elapsed(), steps.timeLeft() - marginMs);
    const next = Math.min(Math.max(pause, asked), left);
    if (left < leastMs || asked > left) return { seconds };
    await steps.sleep(next);
    slept += next;
  }
}

const mayPass = (error: unknown): error is GitLabToolError =>
  error instanceof GitLabToolError && error.retryable && error.code !== "timeout" && error.code !== "aborted";

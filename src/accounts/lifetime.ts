import { setMaxListeners } from "node:events";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountStore } from "../stores/account-store.js";
import { explained } from "./account-errors.js";

/** From the first use of the store to its end. */
export interface Lifetime {
  /** Opens the store. */
  readonly ready: () => Promise<void>;
  /** Does `work` on the open store, and lets nothing but our own error out. */
  readonly use: <Result>(work: () => Promise<Result>, signal?: AbortSignal) => Promise<Result>;
  /** For what a person has to do something for, which may take longer than this client lives. */
  readonly useUntilClosed: <Result>(
    work: (signal: AbortSignal) => Promise<Result>,
    signal?: AbortSignal,
  ) => Promise<Result>;
  /** Aborts when the client is closed. */
  readonly closing: AbortSignal;
  /** @param idle ends when nothing is under way in the background */
  readonly close: (idle: () => Promise<void>) => Promise<void>;
}

function closedError(): GitLabToolError {
  return new GitLabToolError({
    code: "internal",
    message: "The client has been closed.",
    hint: "Create a new one, and close it when nothing uses it any more.",
  });
}

/** @param check what has to be true of the store before anybody relies on it */
export function createLifetime(store: AccountStore, check: () => Promise<void>): Lifetime {
  /** Calls under way: `close` waits for them. */
  const calls = new Set<Promise<unknown>>();
  const closing = new AbortController();
  // Everything that waits listens, as many as there are: that is no leak, and nobody shall be warned of one.
  setMaxListeners(0, closing.signal);
  let opening: Promise<void> | undefined;

  function ready(): Promise<void> {
    if (closing.signal.aborted) return Promise.reject(closedError());
    opening ??= check().catch((error: unknown) => {
      opening = undefined;
      throw explained(error);
    });
    return opening;
  }

  async function use<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    await ready();
    // Closed while the store was being opened.
    if (closing.signal.aborted) throw closedError();
    const call = work();
    calls.add(call);
    try {
      return await call;
    } catch (error) {
      throw explained(error, signal);
    } finally {
      calls.delete(call);
    }
  }

  return {
    ready,
    use,
    closing: closing.signal,
    async useUntilClosed(work, signal) {
      const either = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      return await use(() => work(either), either);
    },
    async close(idle) {
      closing.abort();
      while (calls.size > 0) await Promise.allSettled(calls);
      await idle();
      if (opening) await opening.then(() => store.close()).catch(() => undefined);
    },
  };
}

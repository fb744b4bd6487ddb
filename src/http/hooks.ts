import type { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { CallIdentity, Observer, RequestEvent, ResponseEvent, RetryEvent } from "./observer.js";

/** A call ended in an error. */
export interface ErrorEvent extends CallIdentity {
  readonly error: GitLabToolError;
  /** From the call's begin, in milliseconds. */
  readonly durationMs: number;
}

/**
 * Functions that are told what goes on. They are not waited for, and what they throw becomes a process warning.
 * What they get holds no token; secrets in query and body are `[hidden]`.
 */
export interface Hooks {
  /** Before each attempt. */
  readonly onRequest?: ((event: RequestEvent) => unknown) | undefined;
  /** When an answer's head has arrived, whatever its status. */
  readonly onResponse?: ((event: ResponseEvent) => unknown) | undefined;
  /** When an attempt failed and will be made again. */
  readonly onRetry?: ((event: RetryEvent) => unknown) | undefined;
  /** When a call has ended in an error. */
  readonly onError?: ((event: ErrorEvent) => unknown) | undefined;
}

/** Calls a hook without letting it disturb the call. */
export function callHook<Event>(name: keyof Hooks, hook: ((event: Event) => unknown) | undefined, event: Event): void {
  if (!hook) return;
  const warn = (error: unknown): void =>
    process.emitWarning(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
  try {
    Promise.resolve(hook(event)).catch(warn);
  } catch (error) {
    warn(error);
  }
}

export function hookObserver(hooks: Hooks): Observer {
  return {
    begin(event) {
      const began = performance.now();
      callHook("onRequest", hooks.onRequest, event);
      return {
        responded({ status, headers }, requestId) {
          const remaining = headers.get("ratelimit-remaining");
          callHook("onResponse", hooks.onResponse, {
            ...event,
            status,
            durationMs: performance.now() - began,
            ...(requestId !== undefined && { requestId }),
            ...(remaining && { rateLimitRemaining: Number(remaining) }),
          });
        },
        failed: () => undefined,
        repeated: (delayMs, reason) => callHook("onRetry", hooks.onRetry, { ...event, delayMs, reason }),
      };
    },
  };
}

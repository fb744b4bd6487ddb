import type { HttpResponse } from "./transport.js";

/** Whose call of which tool. */
export interface CallIdentity {
  /** The same for all requests of one call. */
  readonly callId: string;
  readonly toolName: string;
  readonly connectionName: string;
  readonly identifier: string;
  /** `lookup` is a request that this library makes on its own, to explain an error or to check a policy. */
  readonly purpose: "call" | "lookup";
  /** The call that this one is a step of, where a tool is made of several calls. */
  readonly partOf?: { readonly callId: string; readonly toolName: string };
}

/** One attempt, before it is sent. Holds no token; secrets in query and body are `[hidden]`. */
export interface RequestEvent extends CallIdentity {
  readonly method: string;
  readonly url: string;
  /** OpenAPI path template: the same for all calls of a tool. */
  readonly route: string;
  readonly body?: unknown;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** The head of an answer. */
export interface ResponseEvent extends RequestEvent {
  readonly status: number;
  /** From sending to the answer's head, in milliseconds. */
  readonly durationMs: number;
  readonly requestId?: string;
  /** What GitLab says is left of the rate limit. */
  readonly rateLimitRemaining?: number;
}

/** An attempt failed and is made again after `delayMs`. */
export interface RetryEvent extends RequestEvent {
  readonly delayMs: number;
  /** The answer's status, the system's code such as `ECONNRESET`, or `damaged answer`. */
  readonly reason: number | string;
}

/** One attempt under observation. */
export interface Attempt {
  /** `requestId` is the answer's, secrets hidden. */
  responded(response: Pick<HttpResponse, "status" | "headers">, requestId: string | undefined): void;
  failed(error: unknown): void;
  repeated(delayMs: number, reason: number | string): void;
}

/** Watches attempts. Never throws. */
export interface Observer {
  begin(event: RequestEvent): Attempt;
}

/** Several observers as one. */
export function observers(all: readonly Observer[]): Observer {
  return {
    begin(event) {
      const attempts = all.map((observer) => observer.begin(event));
      return {
        responded: (response, requestId) => attempts.forEach((attempt) => attempt.responded(response, requestId)),
        failed: (error) => attempts.forEach((attempt) => attempt.failed(error)),
        repeated: (delayMs, reason) => attempts.forEach((attempt) => attempt.repeated(delayMs, reason)),
      };
    },
  };
}

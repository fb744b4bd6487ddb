import type { FoundAgain } from "../errors/failure.js";
import type { Budget, Clock } from "./budget.js";
import type { Gate } from "./limiter.js";
import type { CallIdentity, Observer } from "./observer.js";
import type { HeaderReader, Transport } from "./transport.js";

/** One HTTP request in terms of the specification, before it has a URL and a token. */
export interface WireRequest {
  readonly method: string;
  /** OpenAPI path template. */
  readonly path: string;
  /** Values of the template's placeholders, not yet encoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** Query by wire name; a list becomes a repeated parameter. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** JSON body; a form where a file is in it. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Repeating the request leaves GitLab as one request would. */
  readonly idempotent: boolean;
  /** It changes nothing, although its method is not GET: a GraphQL query. */
  readonly reads?: true;
}

/** How often and how long to try again. */
export interface RetrySettings {
  /** Attempts in all. */
  readonly attempts: number;
  /** A wait that is longer than this becomes an error that says how long to wait. */
  readonly longestWaitMs: number;
  /** Whether only reads are sent again once GitLab may have acted. */
  readonly reads: boolean;
}

/** What has become of a call so far. */
export interface Progress {
  /** The account's token is at hand. */
  ready?: boolean;
  /** An attempt has begun. */
  sent: boolean;
  /** GitLab may have carried the call out without having said so. */
  uncertain: boolean;
  /** An attempt got lost, was looked for, and was made again. */
  repeated?: boolean;
  /** Why it could not be told whether a create was carried out. */
  lost?: string;
  /** What was found of it, where that ends in no result. */
  found?: FoundAgain;
  /** The tool that shows whether it was. */
  check?: string;
  /** The status of GitLab's last answer. */
  status?: number;
  /** GitLab's id of the request that it answered last. */
  requestId?: string;
}

/** A call, as far as sending its requests goes. It is made once and passed on as it is. */
export interface SendingCall {
  readonly identity: CallIdentity;
  /** Absent where nobody watches. */
  readonly observer?: Observer;
  readonly progress: Progress;
  /** Ends the call, waiting and reading included. */
  readonly budget: Pick<Budget, "signal" | "deadline">;
  readonly runtime: {
    readonly retry: RetrySettings;
    readonly clock: Clock;
    readonly maxResponseBytes: number;
  };
}

/** Where a request goes, and with which token. */
export interface Destination {
  readonly baseUrl: string;
  readonly token: string;
  readonly transport: Transport;
  readonly gate: Gate;
}

/** GitLab's response, read: what was asked for, or the beginning of the text with which it refuses. */
export type GitLabResponse = {
  readonly status: number;
  readonly headers: HeaderReader;
} & ({ readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly text: string });

/** The HTTP request as a person or an approval hook may see it: everything but the token. */
export interface DryRunRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  /** What a tool made of several calls would send after it. */
  readonly next?: readonly DryRunRequest[];
}

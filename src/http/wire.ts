/** One HTTP request in terms of the specification, before it has a URL and a token. */
export interface WireRequest {
  readonly method: string;
  /** OpenAPI path template. */
  readonly path: string;
  /** Values of the template's placeholders, not yet encoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** Query by wire name; a list becomes a repeated parameter. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** JSON body. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Repeating the request leaves GitLab as one request would. */
  readonly idempotent: boolean;
}

/** What a request is sent with. */
export interface SendOptions {
  readonly baseUrl: string;
  readonly token: string;
  /** Ends the call, waiting and reading included. */
  readonly signal: AbortSignal;
  /** When the call's budget ends, in milliseconds of `performance.now()`. */
  readonly deadline: number;
  readonly fetch?: typeof globalThis.fetch;
}

/** The HTTP request as a person or an approval hook may see it: everything but the token. */
export interface DryRunRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

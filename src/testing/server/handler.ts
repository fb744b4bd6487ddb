import type { ApiDocument, Operation } from "./document.js";
import type { Fields } from "./fields.js";
import type { TokenRecord, UserRecord } from "../state/records.js";
import type { GitLabState } from "../state/gitlab-state.js";

/** A request to the REST API that has passed routing, authentication and validation. */
export interface Call {
  readonly gitlab: GitLabState;
  readonly operation: Operation;
  readonly document: ApiDocument;
  readonly method: string;
  /** Path parameters by the names of the specification, decoded once. */
  readonly path: Readonly<Record<string, string>>;
  /** Query and body joined, as Grape does; defaults are not filled in. */
  readonly params: Fields;
  /** The same as {@link params}, for values that are deeper than `Fields` reads. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The token's owner; undefined without a token. */
  readonly user: UserRecord | undefined;
  readonly token: TokenRecord | undefined;
  /** The request's address, base URL included, as the client wrote it. */
  readonly url: URL;
}

/** What a handler gives back; the server turns it into a response. */
export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly body: unknown; readonly headers?: AnswerHeaders }
  | { readonly kind: "list"; readonly list: ListAnswer; readonly headers?: AnswerHeaders }
  | {
      readonly kind: "text";
      readonly status: number;
      readonly body: string | Iterable<string>;
      readonly contentType: string;
      readonly headers?: AnswerHeaders;
    }
  | { readonly kind: "empty"; readonly status: number; readonly headers?: AnswerHeaders }
  | {
      readonly kind: "bytes";
      readonly status: number;
      readonly body: Uint8Array;
      readonly contentType: string;
      readonly headers?: AnswerHeaders;
    };

export type AnswerHeaders = Readonly<Record<string, string>>;

/** A list that the server cuts into pages, with all of GitLab's headers. */
export interface ListAnswer {
  readonly length: number;
  /** Presents the entities from `start` (inclusive) to `end` (exclusive). */
  readonly slice: (start: number, end: number) => unknown[];
  /** How keyset pagination names the place in this list; without it only offset pagination is offered. */
  readonly keyset?: {
    /** The parameter that carries the place: `cursor`, `page_token`, `id_after` or `id_before`. */
    readonly parameter: string;
    /** What is put into it for the item at an index. */
    readonly keyAt: (index: number) => string;
  };
  /** Leaves out `x-total` and `x-total-pages`, as lists of commits do. */
  readonly withoutTotals?: boolean;
}

/** Carries out one operation. */
export type Handler = (call: Call) => Answer | Promise<Answer>;

/** Handlers by operationId, or by method and path, such as `"GET /projects/{id}/labels"`. */
export type Handlers = Readonly<Record<string, Handler>>;

export const json = (body: unknown, status = 200, headers?: AnswerHeaders): Answer => ({
  kind: "json",
  status,
  body,
  headers,
});

export const created = (body: unknown): Answer => json(body, 201);

export const empty = (status = 204, headers?: AnswerHeaders): Answer => ({ kind: "empty", status, headers });

/** `body` may be lines or chunks, written as they come. */
export const text = (
  body: string | Iterable<string>,
  headers?: AnswerHeaders,
  contentType = "text/plain; charset=utf-8",
): Answer => ({ kind: "text", status: 200, body, contentType, headers });

export const bytes = (body: Uint8Array, contentType = "application/octet-stream", headers?: AnswerHeaders): Answer => ({
  kind: "bytes",
  status: 200,
  body,
  contentType,
  headers,
});

export const redirect = (location: string, status: 301 | 302 = 302): Answer =>
  status === 302
    ? { kind: "text", status, body: location, contentType: "text/plain", headers: { location } }
    : { kind: "empty", status, headers: { location } };

/** Options of {@link list}. */
export interface ListOptions<T> {
  /** Offers `pagination=keyset` by this key, unique in the list; `cursor` unless `keysetParameter` says otherwise. */
  readonly keyset?: (item: T) => string | number;
  readonly keysetParameter?: "cursor" | "page_token" | "id_after" | "id_before";
  readonly withoutTotals?: boolean;
}

/** Every item of a list in its order; pages are cut and headers set by the server, and only shown items presented. */
export function list<T>(items: readonly T[], present: (item: T) => unknown, options: ListOptions<T> = {}): Answer {
  const { keyset } = options;
  return {
    kind: "list",
    list: {
      length: items.length,
      slice: (start, end) => items.slice(start, end).map(present),
      withoutTotals: options.withoutTotals,
      keyset:
        keyset === undefined
          ? undefined
          : {
              parameter: options.keysetParameter ?? "cursor",
              keyAt: (index) => {
                const item = items[index];
                return item === undefined ? "" : String(keyset(item));
              },
            },
    },
  };
}

/** Thrown to end a call with an error of GitLab's. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly status: number,
    /** Sent as JSON. */
    readonly body: unknown,
    readonly headers: AnswerHeaders = {},
  ) {
    super(`${String(status)} ${JSON.stringify(body)}`);
  }
}

/**
 * Ends the call with an error. A text becomes `{"message": text}`, GitLab's most frequent shape; anything else is sent
 * as it is.
 */
export function refuse(status: number, body: unknown, headers?: AnswerHeaders): never {
  throw new Refusal(status, typeof body === "string" ? { message: body } : body, headers);
}

/** `404 Project Not Found` for `"Project"`; without a name `404 Not found`, as for an iid that does not exist. */
export const notFound = (what?: string): never =>
  refuse(404, what === undefined ? "404 Not found" : `404 ${what} Not Found`);

export const forbidden = (reason?: string): never =>
  refuse(403, reason === undefined ? "403 Forbidden" : `403 Forbidden - ${reason}`);

export const unauthorized = (): never => refuse(401, "401 Unauthorized");

/** `{"message":{"title":["can't be blank"]}}`: what the model says about its fields. */
export const invalid = (messages: Readonly<Record<string, readonly string[]>>, status: 400 | 422 = 400): never =>
  refuse(status, { message: messages });

import type { AccountKey } from "../accounts/types.js";
import type { GitLab } from "../gitlab-types.js";
import type { MessageRateLimit } from "../web/limits.js";
import type { EventJournal } from "./journal.js";

/** Options of {@link createGateway}. */
export interface GatewayOptions {
  readonly gitlab: GitLab;
  /** Where events are kept: whoever made the client tells it of them. Default: one that is told of nothing. */
  readonly journal?: EventJournal;
  /** `Host` headers that are answered, port included. Default: all. */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Completes authorizations at `/callback/{connection}`, where GitLab sends people's browsers. Nobody says there who is
   * signed in to the product: whoever follows a link connects their GitLab with the link's account. Default: false;
   * products bring the callback that reached their own page.
   */
  readonly callback?: boolean;
  /** The largest request that is read, in bytes. Default: 4 MiB. */
  readonly maxBodyBytes?: number;
  /** Requests that one key may send to this process. Default: 600 in 60 seconds. */
  readonly rateLimit?: MessageRateLimit;
  /** Requests of one key that are worked on at once in this process. Default: 20. */
  readonly maxConcurrent?: number;
  /** Told what nobody could be answered with. */
  readonly onError: (error: unknown) => void;
  /** Told of every request when it has been answered, for logs. */
  readonly onRequest?: ((request: GatewayRequest) => void) | undefined;
}

/** One request that has been answered, as a log may keep it: no key, no token, no input and no answer. */
export interface GatewayRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  /** In milliseconds. */
  readonly durationMs: number;
  /** Whose request it was; absent where nobody was let in. */
  readonly keyId?: string;
  /** What was asked for: the document's `operationId`. */
  readonly operation?: string;
  /** As the store has it: with the product's name before the identifier. */
  readonly account?: AccountKey;
  readonly tool?: string;
  /** Why it did not work. */
  readonly code?: string;
}

/** What a request turns out to be, while it is worked on. */
export type Noted = { -readonly [Part in "keyId" | "operation" | "account" | "tool" | "code"]?: GatewayRequest[Part] };

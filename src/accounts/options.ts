import type { AccountStore } from "../stores/account-store.js";
import type { AccountEvent } from "./events.js";
import type { AccountStatusChange, ConnectionConfig } from "./types.js";

export interface AccountsOptions {
  /** Connections by name. Default: `gitlab`, which is GitLab.com. */
  readonly connections?: Readonly<Record<string, ConnectionConfig>> | undefined;
  /** `memory:`, `sqlite:PATH`, `postgres://…`, or an `AccountStore` of your own. */
  readonly store: string | AccountStore;
  /** 32 bytes in base64; `[current, ...previous]` to rotate. Required unless the store is `memory:`; asked for on first use. */
  readonly encryptionKey?: string | readonly string[] | undefined;
  /** How long before its end a token is refreshed. Default: 300. */
  readonly refreshSkewSeconds?: number | undefined;
  /**
   * How long an account is used from memory. What another process changes, disconnecting it or moving its connection,
   * is noticed after that at the latest. Default: 30; 0 looks into the store with every call.
   */
  readonly accountCacheSeconds?: number | undefined;
  /** The clock, in milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** How this room waits between attempts. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** How long one request for tokens may take, in milliseconds; four times as long when it refreshes a pair. Default: 15,000. */
  readonly tokenRequestTimeoutMs?: number | undefined;
  /**
   * Asked about the base URL of every connection that is added at run time, before anything is stored; refuses it by
   * throwing. Needed where customers type these URLs: requests with their tokens, and the answers, then go wherever they
   * say, also to loopback, link-local and private addresses that only this machine can reach. A check of the name alone
   * is undone by DNS: let it allow known hosts, or look at what the name resolves to and limit outgoing traffic as well.
   *
   * @example
   * ```ts
   * createGitLab({
   *   checkBaseUrl: (url) => {
   *     if (!url.hostname.endsWith(".example.com")) throw new Error("not one of our customers' instances");
   *   },
   * });
   * ```
   */
  readonly checkBaseUrl?: ((url: URL) => void | Promise<void>) | undefined;
  /** Told when an account goes from one status to another in this process. */
  readonly onAccountStatusChange?: ((change: AccountStatusChange) => void) | undefined;
  /**
   * Told what happens to accounts in this process. Never holds a token; an error in it is a warning of the process.
   * `createAccountWebhook` of `gitlab-agent-tools/webhooks` makes one that sends them on, signed.
   */
  readonly onAccountEvent?: ((event: AccountEvent) => unknown) | undefined;
  /**
   * Where the application is reached from outside, such as `https://app.example`: for callbacks behind a proxy that
   * changes host, scheme or prefix of the requests it passes on.
   */
  readonly publicUrl?: string | undefined;
  /** Origins that `returnTo` may name. */
  readonly allowedReturnOrigins?: readonly string[] | undefined;
  /** The least scopes that these tools need. */
  readonly leastScopes?: ((tools: readonly string[]) => Promise<readonly string[]>) | undefined;
}

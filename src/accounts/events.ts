import type { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { ConnectedAccount } from "./types.js";

/** What has happened to an account in this process. Holds no secret. */
export type AccountEvent = {
  readonly account: ConnectedAccount;
  /** ISO 8601. */
  readonly at: string;
} & (
  | { readonly type: AccountEventType }
  /** The account may be fine: `error.retryable` says whether the next attempt can succeed. */
  | { readonly type: "refresh_failed"; readonly error: GitLabToolError }
);

/**
 * - `created`: there is an account, not connected yet
 * - `connected`: a person has authorized it, or given a token
 * - `refreshed`: it has a new token
 * - `expired`: its token has ended and cannot be refreshed
 * - `revoked`: GitLab no longer accepts the authorization
 * - `deleted`: it is gone
 */
export type AccountEventType = "created" | "connected" | "refreshed" | "expired" | "revoked" | "deleted";

/** The kind of the rows in which a gateway keeps what has happened to accounts. */
export const accountEventKind = "account event";

/** An event as it is kept, in plain data. A refresh is none: it is nobody's news. */
export interface KeptAccountEvent {
  readonly id: string;
  readonly type: Exclude<AccountEvent["type"], "refreshed">;
  readonly at: string;
  readonly account: ConnectedAccount;
  readonly error?: Readonly<Record<string, unknown>>;
}

/** A listener's own failure is a warning of the process and stops nothing. */
export function listenerOf<Event>(
  name: string,
  listener: ((event: Event) => unknown) | undefined,
): (event: Event) => void {
  if (!listener) return () => undefined;
  return (event) => {
    void Promise.resolve(event)
      .then(listener)
      .catch((error: unknown) => {
        process.emitWarning(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      });
  };
}

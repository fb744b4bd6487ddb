import type { DeletedAccount } from "./accounts/delete.js";
import type { ConnectedAccount } from "./accounts/types.js";
import type { AuditEntry } from "./tools/audit.js";

/** A person, as the product calls them: on one connection, or on all. */
export interface PersonRef {
  /** Default: all connections. */
  readonly connectionName?: string;
  readonly identifier: string;
}

/** All that a store has of one person, without any secret. Times are ISO 8601. */
export interface PersonalData {
  readonly identifier: string;
  readonly exportedAt: string;
  readonly connectedAccounts: readonly ConnectedAccount[];
  /** Links to GitLab that were made for the person, within the last day. */
  readonly authorizationLinks: readonly {
    readonly connectionName: string;
    readonly scopes: readonly string[];
    readonly returnTo?: string;
    readonly expiresAt: string;
    readonly usedAt?: string;
  }[];
  /** Where the person has been given sessions, and which of these were ended before their time. */
  readonly sessions: readonly {
    readonly connectionName: string;
    readonly revoked: readonly { readonly sessionId: string; readonly rememberedUntil: string }[];
  }[];
  /** What the person has allowed programs that signed in to the MCP server. */
  readonly clients: readonly {
    readonly connectionName: string;
    readonly clientId: string;
    readonly scopes: readonly string[];
    readonly expiresAt: string;
  }[];
  /** Oldest first. */
  readonly auditEntries: readonly AuditEntry[];
  /** What a gateway has seen happen to the accounts within the last week. */
  readonly accountEvents: readonly { readonly connectionName: string; readonly type: string; readonly at: string }[];
}

/** What was deleted. Zeros where there was nothing, or nothing any more. */
export interface DeletedPersonalData {
  readonly identifier: string;
  /** Each with what became of its token at GitLab. */
  readonly connectedAccounts: readonly DeletedAccount[];
  readonly authorizationLinks: number;
  /** Connections on which all of the person's sessions have ended. */
  readonly sessions: number;
  /** What programs were allowed, and codes for it. */
  readonly clients: number;
  readonly auditEntries: number;
  readonly accountEvents: number;
}

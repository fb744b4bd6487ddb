import type { ColumnType } from "kysely";
import type { AccountStatus } from "./account-store.js";

/** The tables, as of the last migration. Times are milliseconds since 1970; scopes are separated by spaces. */
export interface Tables {
  gitlab_accounts: AccountRow;
  gitlab_authorizations: AuthorizationRow;
  gitlab_connections: { name: string; config: string; secret: string | null; updated_at: number };
  gitlab_settings: { name: string; value: string };
  gitlab_leases: { name: string; owner: string; expires_at: number };
  gitlab_rows: RowRow;
}

export interface RowRow {
  kind: string;
  id: string;
  value: string;
  expires_at: number;
  /** An identifier. Unlike what is sealed in a value, it can be looked for. */
  about: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface AccountRow {
  id: string;
  connection_name: string;
  identifier: string;
  status: AccountStatus;
  scopes: string;
  base_url: string | null;
  gitlab_user_id: number | null;
  gitlab_username: string | null;
  secret: string | null;
  refreshable: number;
  expires_at: number | null;
  created_at: number;
  updated_at: number;
  version: number;
  /** A background refresher has taken the account on until then. */
  claimed_until: ColumnType<number, number | undefined, number>;
}

export interface AuthorizationRow {
  state_hash: string;
  account_id: string;
  connection_name: string;
  identifier: string;
  secret: string;
  redirect_uri: string;
  scopes: string;
  return_to: string | null;
  expires_at: number;
  used_at: number | null;
}

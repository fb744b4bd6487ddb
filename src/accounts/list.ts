import type { AccountRecord } from "../stores/account-store.js";
import { showAccount } from "./account-view.js";
import type { ConnectionDirectory } from "./connections.js";
import type { AccountsContext } from "./context.js";
import type { AccountKey, AccountStatus, ConnectedAccount } from "./types.js";

export interface AccountsFilter extends Partial<AccountKey> {
  /** Only accounts whose identifier begins with this: those of one product of several. */
  readonly identifierPrefix?: string;
  readonly status?: AccountStatus | undefined;
  /** Only accounts behind this one, in the order of (connection, identifier). */
  readonly after?: AccountKey | undefined;
  /** Default: all. */
  readonly limit?: number | undefined;
}

const pageSize = 500;

/** An account as it may be shown: one that is not connected yet has its connection's address. */
export async function toConnectedAccount(
  { now }: AccountsContext,
  connections: ConnectionDirectory,
  record: AccountRecord,
  /** Base URLs by connection, to look each up once. */
  known = new Map<string, string>(),
): Promise<ConnectedAccount> {
  const { connectionName } = record;
  const baseUrl = record.baseUrl ?? known.get(connectionName) ?? (await connections.get(connectionName))?.baseUrl ?? "";
  if (record.baseUrl === null) known.set(connectionName, baseUrl);
  return showAccount(record, baseUrl, now());
}

export async function listAccounts(
  context: AccountsContext,
  connections: ConnectionDirectory,
  { status, after, limit = Infinity, ...filter }: AccountsFilter = {},
): Promise<ConnectedAccount[]> {
  const found: ConnectedAccount[] = [];
  const known = new Map<string, string>();
  const { identifierPrefix = "" } = filter;
  // Nobody reads 500 rows to look at one.
  const page = status === undefined ? Math.min(limit, pageSize) : pageSize;
  for (let last = after; ;) {
    const records = await context.store.listAccounts({ ...filter, ...(last && { after: last }), limit: page });
    for (const record of records) {
      // A store of somebody's own may not know of prefixes.
      if (!record.identifier.startsWith(identifierPrefix)) continue;
      const account = await toConnectedAccount(context, connections, record, known);
      if (status === undefined || account.status === status) found.push(account);
      if (found.length >= limit) return found;
    }
    last = records.at(-1);
    if (records.length < page) return found;
  }
}

import type { AccountChanges, AccountRecord, Lock } from "./account-store.js";
import { Lease } from "./lease-lock.js";
import { accountFrom, columnsOf } from "./sql-accounts.js";
import type { SqlDatabase } from "./sql-database.js";

/** One update of an account: of this row, in this version. */
interface Update {
  readonly id: string;
  readonly version: number;
  readonly columns: ReturnType<typeof columnsOf>;
}

/**
 * Compare and set. With a lock, the lease is given back together with the update, if that is made: one write, and one
 * way to the database, in place of two.
 */
export async function updateAccount(
  database: SqlDatabase,
  id: string,
  version: number,
  changes: AccountChanges,
  lock?: Lock,
): Promise<AccountRecord | undefined> {
  const update = { id, version, columns: columnsOf(changes, version) };
  const { secret } = update.columns;
  if (!(lock instanceof Lease) || lock.isReturned || typeof secret !== "string")
    return await updateAlone(database, update);
  return await (database.writesInWith ? inOneStatement : inOneTransaction)(database, update, lock, secret);
}

const nameOf = ({ columns }: Update): string => Object.keys(columns).join(" ");
const valuesOf = ({ columns, id, version }: Update): unknown[] => [...Object.values(columns), id, version];

async function updateAlone({ db, queries }: SqlDatabase, update: Update): Promise<AccountRecord | undefined> {
  const { id, version, columns } = update;
  const { rows } = await queries.run(`update account: ${nameOf(update)}`, valuesOf(update), () =>
    db.updateTable("gitlab_accounts").set(columns).where("id", "=", id).where("version", "=", version).returningAll(),
  );
  return rows[0] && accountFrom(rows[0]);
}

/** PostgreSQL carries out all of a `WITH`, whatever is read of it: https://www.postgresql.org/docs/current/queries-with.html */
async function inOneStatement(
  { db, queries }: SqlDatabase,
  update: Update,
  lease: Lease,
): Promise<AccountRecord | undefined> {
  const { id, version, columns } = update;
  const { name, owner } = lease;
  const parameters = [...valuesOf(update), name, owner];
  const { rows } = await queries.run(`update account, return lease: ${nameOf(update)}`, parameters, () =>
    db
      .with("updated", (cte) =>
        cte
          .updateTable("gitlab_accounts")
          .set(columns)
          .where("id", "=", id)
          .where("version", "=", version)
          .returningAll(),
      )
      .with("returned", (cte) =>
        cte
          .deleteFrom("gitlab_leases")
          .where("name", "=", name)
          .where("owner", "=", owner)
          .where((eb) => eb.exists(eb.selectFrom("updated").select("updated.id"))),
      )
      .selectFrom("updated")
      .selectAll(),
  );
  if (rows[0]) lease.isReturned = true;
  return rows[0] && accountFrom(rows[0]);
}

/** Writes that come together share a transaction, in their order. The lease stays unless this update has been made. */
async function inOneTransaction(
  database: SqlDatabase,
  update: Update,
  lease: Lease,
  secret: string,
): Promise<AccountRecord | undefined> {
  const { db, queries } = database;
  const { id } = update;
  const { name, owner } = lease;
  const [updated, { numAffectedRows }] = await Promise.all([
    updateAlone(database, update),
    queries.run("return lease of an updated account", [name, owner, id, secret], () =>
      db
        .deleteFrom("gitlab_leases")
        .where("name", "=", name)
        .where("owner", "=", owner)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom("gitlab_accounts")
              .select("gitlab_accounts.id")
              .where("gitlab_accounts.id", "=", id)
              // Sealed with a nonce of its own: nobody else has written the same.
              .where("gitlab_accounts.secret", "=", secret),
          ),
        ),
    ),
  ]);
  if ((numAffectedRows ?? 0n) > 0n) lease.isReturned = true;
  return updated;
}

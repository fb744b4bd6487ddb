import { sql, type Kysely } from "kysely";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { isPostgres, migrations, type MigrationStep } from "./migrations.js";
import type { Tables } from "./tables.js";

type MigrationSteps = Readonly<Record<string, MigrationStep>>;

/** Any number, as long as every process takes the same one. */
const migrationLock = 3_853_314_791;

/** All that version 0.1 knows: it goes by a table of its own, and does not start where that names others. */
const firstSteps = ["0001_accounts", "0002_leases", "0003_authorizations_by_account"];
const [firstStep = ""] = firstSteps;

/** What a step is called when what the version before needs has been taken away. */
const contractionOf = (name: string): string => `${name} contracted`;

/** What a database has behind it. */
interface Done {
  readonly name: string;
  /** A version has to know this step to get on with it. */
  readonly bears: string;
}

async function doneIn(db: Kysely<Tables>): Promise<Done[]> {
  const { rows } = await sql<Done>`select name, bears from gitlab_steps`.execute(db);
  return rows;
}

/** Whether there is nothing to migrate: one look, which takes no lock. */
export async function isUpToDate(db: Kysely<Tables>): Promise<boolean> {
  const done = await doneIn(db).catch((error: unknown) => {
    if (/no such table|does not exist/.test(String(error))) return [];
    throw error;
  });
  checkNotNewer(done, migrations);
  const names = new Set(done.map(({ name }) => name));
  return Object.keys(migrations).every((name) => names.has(name));
}

/**
 * Brings the tables up to date. Safe to run again, and from any older version. On PostgreSQL it is one transaction with a
 * lock that ends with it: a session's lock would be lost behind a proxy that pools transactions. On SQLite the caller
 * holds the write lock.
 *
 * @param contract takes away, too, what processes of the version before need
 */
export async function migrate(db: Kysely<Tables>, steps: MigrationSteps = migrations, contract = false): Promise<void> {
  if (!isPostgres(db)) return await run(db, steps, contract);
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(transaction);
    await run(transaction, steps, contract);
  });
}

async function run(db: Kysely<Tables>, steps: MigrationSteps, contract: boolean): Promise<void> {
  await sql`create table if not exists gitlab_steps
    (name text not null primary key, bears text not null, applied_at text not null)`.execute(db);
  // The table that Kysely's own migrator made: version 0.1 used it, and goes by it.
  await sql`create table if not exists gitlab_migrations
    (name varchar(255) not null primary key, timestamp varchar(255) not null)`.execute(db);
  const { rows } = await sql<{ name: string }>`select name from gitlab_migrations`.execute(db);
  const recorded = await doneIn(db);
  checkNotNewer([...recorded, ...rows.map(({ name }) => ({ name, bears: name }))], steps);
  const known = new Set(recorded.map(({ name }) => name));
  const done = new Set([...known, ...rows.map(({ name }) => name)]);
  const isNew = done.size === 0;
  const at = new Date().toISOString();
  const note = (name: string, bears: string) =>
    sql`insert into gitlab_steps values (${name}, ${bears}, ${at})`.execute(db);
  const noteForFirst = (name: string) =>
    sql`insert into gitlab_migrations values (${name}, ${at}) on conflict do nothing`.execute(db);
  for (const [name, step] of Object.entries(steps)) {
    if (!done.has(name)) await step.up(db);
    if (!known.has(name)) await note(name, firstStep);
    if (firstSteps.includes(name)) await noteForFirst(name);
    if (!step.contract || known.has(contractionOf(name)) || !(isNew || contract)) continue;
    await step.contract(db);
    await note(contractionOf(name), name);
    await noteForFirst(name);
  }
}

/** @throws {GitLabToolError} where a step has been made that these do not get on with */
function checkNotNewer(done: readonly Done[], steps: MigrationSteps): void {
  const last = Object.keys(steps).sort().at(-1) ?? "";
  const isKnown = (name: string): boolean => name in steps || name.replace(/ contracted$/, "") in steps;
  if (done.every(({ name, bears }) => isKnown(name) || bears <= last)) return;
  throw new GitLabToolError({
    code: "connection_misconfigured",
    message: "The account store was written by a newer version of gitlab-agent-tools.",
    hint: "Use that version or a later one with this store.",
  });
}

import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { sql, type Kysely, type RawBuilder } from "kysely";
import { backoff } from "../http/backoff.js";
import type { Lock, LockOptions } from "./account-store.js";
import type { CompiledQueries } from "./compiled-queries.js";
import { Lease } from "./lease-lock.js";
import { defaultHoldMs, defaultWaitMs, lockNotFree } from "./lock-wait.js";
import { cleanupLimit } from "./cleanup.js";
import type { Tables } from "./tables.js";

/** How long a lease outlives its last renewal: how long a process that died on another machine is waited for. */
const lifeMs = 15_000;
const renewMs = lifeMs / 5;
const firstPauseMs = 10;
const longestPauseMs = 250;

/** The database's own time in milliseconds since 1970: machines that share it need not agree about theirs. */
export type DatabaseTime = RawBuilder<number>;

/**
 * Where process ids mean the same thing: this machine since it was started and, in containers, this process namespace.
 * Hostnames are no proof: two machines may have the same one.
 */
function placeOfProcess(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${hostname()} ${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    // No Linux: the hardware addresses of its network tell a machine.
    const cards = Object.values(networkInterfaces()).flatMap((card) => card?.map(({ mac }) => mac) ?? []);
    return [hostname(), ...new Set(cards)].sort().join(" ");
  }
}

/** Asked for when there is a lease: a runtime without such a system has none, and may still load this file. */
let here: string | undefined;
const hereOf = (): string => (here ??= placeOfProcess());

interface Owner {
  readonly at: string;
  readonly pid: number;
  readonly id: string;
}

function isDead(text: string): boolean {
  const { at, pid } = JSON.parse(text) as Owner;
  if (at !== hereOf() || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/** The leases of a database. */
export interface Leases {
  readonly db: Kysely<Tables>;
  readonly queries: CompiledQueries;
  readonly clock: DatabaseTime;
}

/**
 * A lock as a row with an owner and an end. The owner renews it while it works, and holds no connection meanwhile. When
 * the owner's process has died, the next one takes the row over at once; an owner that cannot be asked after is waited
 * for until the lease ends. An owner that is stuck stops renewing after `holdMs`.
 */
export async function withLease<Result>(
  leases: Leases,
  name: string,
  work: (lock: Lock) => Promise<Result>,
  { waitMs = defaultWaitMs, holdMs = defaultHoldMs, signal }: LockOptions = {},
): Promise<Result> {
  const owner = JSON.stringify({ at: hereOf(), pid: process.pid, id: randomUUID() } satisfies Owner);
  const patience = performance.now() + waitMs;
  // Hardly ever has anybody else the lease. Who has to wait looks before they write.
  let lease = await takeFree(leases, name, owner);
  for (let attempt = 1; !(lease ??= await take(leases, name, owner)); attempt += 1) {
    if (performance.now() > patience) throw lockNotFree();
    await delay(backoff(attempt, firstPauseMs, longestPauseMs), undefined, { ...(signal && { signal }) });
  }
  const renewal = renew(leases, lease, performance.now() + holdMs);
  try {
    return await work(lease);
  } finally {
    clearInterval(renewal);
    // What cannot be given back ends by itself; what `work` did counts.
    if (!lease.isReturned) await giveBack(leases, lease).catch(() => undefined);
  }
}

/** @param until on the clock of `performance.now()`: work that is stuck loses its lease, and somebody else goes on */
function renew({ db, clock }: Leases, { name, owner }: Lease, until: number): NodeJS.Timeout {
  const renewal = setInterval(() => {
    if (performance.now() > until) return;
    db.updateTable("gitlab_leases")
      .set({ expires_at: endOf(clock) })
      .where("name", "=", name)
      .where("owner", "=", owner)
      .execute()
      .catch(() => undefined);
  }, renewMs);
  renewal.unref();
  return renewal;
}

async function giveBack({ db, queries }: Leases, { name, owner }: Lease): Promise<void> {
  await queries.run("return lease", [name, owner], () =>
    db.deleteFrom("gitlab_leases").where("name", "=", name).where("owner", "=", owner),
  );
}

/** Forgets some of the leases that ended so long ago and that nobody has given back. */
export async function deleteAbandoned({ db, clock }: Pick<Leases, "db" | "clock">, agoMs: number): Promise<void> {
  const before = sql<number>`${clock} - ${agoMs}`;
  const ended = db.selectFrom("gitlab_leases").select("name").where("expires_at", "<", before).limit(cleanupLimit);
  // Looked at again: somebody may have taken it over meanwhile.
  await db.deleteFrom("gitlab_leases").where("name", "in", ended).where("expires_at", "<", before).execute();
}

const endOf = (clock: DatabaseTime): RawBuilder<number> => sql<number>`${clock} + ${sql.lit(lifeMs)}`;

/** The lease, where nobody has it. */
async function takeFree({ db, queries, clock }: Leases, name: string, owner: string): Promise<Lease | undefined> {
  const { numAffectedRows } = await queries.run("take lease", [name, owner], () =>
    db
      .insertInto("gitlab_leases")
      .values({ name, owner, expires_at: endOf(clock) })
      .onConflict((conflict) => conflict.column("name").doNothing()),
  );
  return (numAffectedRows ?? 0n) > 0n ? new Lease({ name, owner, abandoned: false }) : undefined;
}

/** The lease, where nobody has it, or nobody any more. */
async function take(leases: Leases, name: string, owner: string): Promise<Lease | undefined> {
  const { db, clock } = leases;
  const before = await db
    .selectFrom("gitlab_leases")
    .select(["owner", "expires_at", clock.as("now")])
    .where("name", "=", name)
    .executeTakeFirst();
  if (!before) return await takeFree(leases, name, owner);
  if (before.expires_at > before.now && !isDead(before.owner)) return undefined;
  // Exactly the lease that was seen: of two that take it over, one finds it changed.
  const taken = await db
    .updateTable("gitlab_leases")
    .set({ owner, expires_at: endOf(clock) })
    .where("name", "=", name)
    .where("owner", "=", before.owner)
    .where("expires_at", "=", before.expires_at)
    .executeTakeFirst();
  return taken.numUpdatedRows > 0n ? new Lease({ name, owner, abandoned: true }) : undefined;
}

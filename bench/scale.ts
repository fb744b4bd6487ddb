import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createSigningToken } from "gitlab-agent-tools/webhooks";
import { createCipher } from "../src/accounts/encryption.js";
import { Secret } from "../src/accounts/secret.js";
import { sealTokens } from "../src/accounts/tokens.js";
import { openStore } from "../src/stores/open-store.js";
import { pgbouncer, startPgBouncer } from "../test/support/pgbouncer.js";
import { startPostgres, type TestPostgres } from "../test/support/postgres.js";
import {
  beginning,
  expiryOf,
  lifetimeSeconds,
  type ScaleReplicaOrder,
  type ReplicaReport,
  type ReplicaSetup,
  type ScaleGitLabOrder,
  type ScaleGitLabReport,
  type ScalePlan,
} from "./scale/plan.js";
import { processorSeconds } from "./scale/processor-time.js";
import { printTable } from "./table.js";

export interface ScaleOptions extends ScalePlan {
  readonly replicas: number;
}

const clientId = "scale";
const redirectUri = "https://app.example/callback";
const tickMs = 60_000;
/** When the last account is due, and nobody yet for the second time: a refresher looks seven minutes ahead. */
const ticks = lifetimeSeconds / 60 - 7;
const connections = 20;
const identifierOf = (index: number): string => `user_${index}`;

/**
 * Two hours of replicas that share the refreshing, told minute by minute, on one PostgreSQL behind PgBouncer in
 * transaction mode; then what else goes through it, and what each costs.
 */
export async function benchScale(options: ScaleOptions): Promise<void> {
  const postgres = await startPostgres();
  try {
    await run(postgres, options);
  } finally {
    await postgres.stop();
  }
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function run(postgres: TestPostgres, { accounts, replicas: count, burst }: ScaleOptions): Promise<void> {
  const direct = await postgres.createDatabase();
  const pooler = pgbouncer === undefined ? undefined : await startPgBouncer(direct, { connections, clients: 5_000 });
  if (!pooler) console.log("PgBouncer is not installed here (Debian: apt install pgbouncer): without it.");
  const postmaster = Number(readFileSync(join(postgres.folder, "postmaster.pid"), "utf8").split("\n")[0]);
  const encryptionKey = randomBytes(32).toString("base64");
  const server = fork(new URL("./scale/gitlab.ts", import.meta.url));
  const [port] = (await once(server, "message")) as [number];
  const baseUrl = `http://127.0.0.1:${port}`;
  const tell = async (order: ScaleGitLabOrder): Promise<ScaleGitLabReport> => {
    server.send(order);
    return ((await once(server, "message")) as [ScaleGitLabReport])[0];
  };
  const children: ChildProcess[] = [server];
  try {
    await tell({ plan: { accounts, burst } });
    await tell({ now: beginning });
    await seed(postgres, direct, { encryptionKey, baseUrl, plan: { accounts, burst } });
    say(`${accounts} accounts are there`);
    const sizes = await sizesOf(postgres, direct);
    const replicas = await startReplicas(count, {
      ...{ store: pooler?.url ?? direct, encryptionKey, webhookSecret: createSigningToken() },
      connection: { baseUrl, redirectUri, scopes: ["api"], clientId },
    });
    children.push(...replicas);
    say(`${count} replicas are there`);
    const every = async (orderOf: (index: number) => ScaleReplicaOrder): Promise<ReplicaReport[]> =>
      await Promise.all(
        replicas.map(async (replica, index) => {
          replica.send(orderOf(index));
          return ((await once(replica, "message")) as [ReplicaReport])[0];
        }),
      );
    const costs: (readonly [string, number, TickCost])[] = [];
    const measured = async (what: string, work: () => Promise<readonly ReplicaReport[]>): Promise<ReplicaReport[]> => {
      const before = {
        database: processorSeconds(postmaster),
        pooler: processorSeconds(pooler?.pid),
        writes: await rowsWritten(postgres, direct),
      };
      const reports = [...(await work())];
      const done = sum(reports, (report) => report.done);
      costs.push([
        what,
        done,
        {
          replica: sum(reports, (report) => report.cpuSeconds),
          database: processorSeconds(postmaster) - before.database,
          pooler: processorSeconds(pooler?.pid) - before.pooler,
          rows: (await rowsWritten(postgres, direct)) - before.writes,
        },
      ]);
      const failures = new Set(reports.flatMap((report) => report.failures));
      for (const failure of failures) console.error(`${what}: ${failure}`);
      return reports;
    };

    const began = performance.now();
    let [mostAtOnce, mostConnections] = [0, 0];
    await measured("refresh", async () => {
      const all: ReplicaReport[] = [];
      for (let tick = 0; tick <= ticks; tick += 1) {
        const now = beginning + tick * tickMs;
        const before = await tell({ now });
        all.push(...(await every(() => ({ do: "pass", now }))));
        const after = await tell({ now });
        if (tick % 10 === 0) say(`minute ${tick}: ${after.refreshed} accounts refreshed`);
        mostAtOnce = Math.max(mostAtOnce, after.refreshes - before.refreshes);
        mostConnections = Math.max(mostConnections, await connectionsOf(postgres, direct));
      }
      return all;
    });
    const seconds = (performance.now() - began) / 1000;
    const gitlab = await tell({ now: beginning + ticks * tickMs });
    const after = await sizesOf(postgres, direct);

    // What a call costs that finds its account in no memory.
    const share = Math.min(2_000, Math.floor(accounts / count));
    const people = (index: number): string[] =>
      Array.from({ length: share }, (_, n) => identifierOf((index * share + n) % accounts));
    await measured("look-up of an account", () => every((index) => ({ do: "lookUps", identifiers: people(index) })));
    const fewer = (index: number): string[] => people(index).slice(0, 500);
    const minted = await measured("first session of a person", () =>
      every((index) => ({ do: "mint", identifiers: fewer(index) })),
    );
    // Each replica verifies what the next one has minted.
    const foreign = (index: number): readonly string[] => minted[(index + 1) % count]?.tokens ?? [];
    const verified = await measured("check of a session", () =>
      every((index) => ({ do: "verify", tokens: foreign(index) })),
    );
    await measured("revocation of sessions", () => every((index) => ({ do: "revoke", identifiers: fewer(index) })));
    const revived = await every((index) => ({ do: "verify", tokens: foreign(index) }));
    const ids = Array.from({ length: 1_000 }, (_, n) => `delivery ${n}`);
    const deliveries = await measured("webhook delivery, at every replica", () =>
      every(() => ({ do: "deliveries", ids })),
    );
    await measured("audit entry", () => every(() => ({ do: "audit", entries: 2_000 })));
    const leases = await postgres.query(direct, "select count(*)::int as count from gitlab_leases");

    printTable(
      `${accounts.toLocaleString("en-US")} accounts, ${count} replicas${pooler ? ` behind PgBouncer with ${connections} connections` : ""}: two hours of refreshing in ${Math.round(seconds)} s`,
      ["what", "wanted", "is"],
      [
        ["addresses that requests came from", count, gitlab.addresses],
        ["accounts refreshed", accounts, gitlab.refreshed],
        ["refreshes of the account with most", 1, gitlab.most],
        ["pairs sent that had been rotated", 0, gitlab.invalid],
        ["least left of a token when it was refreshed, s", "> 0", Math.round(gitlab.leastLeft)],
        ["the same for 99 % of accounts, s", "", Math.round(gitlab.percentileLeft)],
        [
          "requests refused by the rate limit (429)",
          "< 1 %",
          `${((100 * gitlab.refused) / gitlab.requests).toFixed(2)} %`,
        ],
        ["most refreshes in a minute", "", mostAtOnce],
        ["connections of PostgreSQL in use", "", mostConnections],
        [
          "sessions valid at another replica",
          sum(minted, ({ tokens }) => tokens.length),
          sum(verified, ({ done }) => done),
        ],
        ["of them after their revocation", 0, sum(revived, ({ done }) => done)],
        [`of 1,000 deliveries at ${count} replicas each, handled`, 1_000, sum(deliveries, ({ done }) => done)],
        ["leases left over", 0, Number(leases[0]?.["count"])],
        ["bytes per account, indexes included, at first", "", Math.round(sizes.accounts / accounts)],
        ["the same after two hours", "", Math.round(after.accounts / accounts)],
        [
          "most memory of a replica, MB",
          "",
          Math.round(
            Math.max(...(await every(() => ({ do: "lookUps", identifiers: [] }))).map(({ megabytes }) => megabytes)),
          ),
        ],
      ],
    );
    printTable(
      "Processor time of each, in milliseconds, and rows written",
      ["what", "times", "replica", "PostgreSQL", "PgBouncer", "rows"],
      costs.map(([what, times, cost]) => [
        what,
        times,
        ...[cost.replica, cost.database, cost.pooler].map((used) => ((1000 * used) / times).toFixed(2)),
        (cost.rows / times).toFixed(2),
      ]),
    );
  } finally {
    for (const child of children) child.kill();
    await pooler?.stop();
  }
}

interface TickCost {
  readonly replica: number;
  readonly database: number;
  readonly pooler: number;
  readonly rows: number;
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

async function startReplicas(count: number, setup: Omit<ReplicaSetup, "address">): Promise<ChildProcess[]> {
  const replicas: ChildProcess[] = [];
  for (let index = 0; index < count; index += 1) {
    const replica = fork(new URL("./scale/replica.ts", import.meta.url));
    replicas.push(replica);
    // Each has an address of its own, as GitLab counts by address. Linux takes all of 127.0.0.0/8 for this machine.
    replica.send({ ...setup, address: `127.0.1.${index + 1}` } satisfies ReplicaSetup);
  }
  await Promise.all(replicas.map((replica) => once(replica, "message")));
  return replicas;
}

/** Accounts as they are when people have connected them within two hours. */
async function seed(
  postgres: TestPostgres,
  url: string,
  {
    encryptionKey,
    baseUrl,
    plan,
  }: { readonly encryptionKey: string; readonly baseUrl: string; readonly plan: ScalePlan },
): Promise<void> {
  const store = openStore(url);
  await store.open();
  await store.close();
  const cipher = createCipher([encryptionKey]);
  const batch = 2_000;
  for (let from = 0; from < plan.accounts; from += batch) {
    const rows = Array.from({ length: Math.min(batch, plan.accounts - from) }, (_, at) => {
      const index = from + at;
      const key = { id: `account_${index}`, connectionName: "gitlab", identifier: identifierOf(index) };
      const tokens = {
        access: new Secret(`access-${index}-0`),
        refresh: new Secret(`refresh-${index}-0`),
        ...{ lifetimeSeconds, redirectUri, clientId },
      };
      const expires = expiryOf(index, plan);
      const created = expires - lifetimeSeconds * 1000;
      return {
        ...{ id: key.id, connection_name: key.connectionName, identifier: key.identifier, status: "ACTIVE" },
        ...{ scopes: "api", base_url: baseUrl, gitlab_user_id: index + 1, gitlab_username: key.identifier },
        secret: sealTokens(cipher, { ...key, baseUrl }, tokens),
        ...{
          refreshable: 1,
          expires_at: expires,
          created_at: created,
          updated_at: created,
          version: 1,
          claimed_until: 0,
        },
      };
    });
    await postgres.query(
      url,
      "insert into gitlab_accounts select * from jsonb_populate_recordset(null::gitlab_accounts, $1::jsonb)",
      [JSON.stringify(rows)],
    );
  }
  await postgres.query(url, "vacuum analyze gitlab_accounts");
}

async function sizesOf(postgres: TestPostgres, url: string): Promise<{ readonly accounts: number }> {
  const [row] = await postgres.query(url, "select pg_total_relation_size('gitlab_accounts')::float8 as accounts");
  return { accounts: Number(row?.["accounts"]) };
}

async function rowsWritten(postgres: TestPostgres, url: string): Promise<number> {
  // Statistics of sessions that are at rest arrive within a second: https://www.postgresql.org/docs/current/monitoring-stats.html
  await new Promise((done) => setTimeout(done, 1_500));
  const [row] = await postgres.query(
    url,
    "select sum(n_tup_ins + n_tup_upd + n_tup_del)::float8 as written from pg_stat_user_tables",
  );
  return Number(row?.["written"]);
}

async function connectionsOf(postgres: TestPostgres, url: string): Promise<number> {
  const [row] = await postgres.query(
    url,
    "select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  return Number(row?.["count"]);
}

import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCipher } from "../src/accounts/encryption.js";
import { Secret } from "../src/accounts/secret.js";
import { sealTokens } from "../src/accounts/tokens.js";
import { openStore } from "../src/stores/open-store.js";
import { startPostgres } from "../test/support/postgres.js";
import type { StormCount } from "./storm/server.js";
import type { StormOrder, StormReport } from "./storm/worker.js";
import { printTable, type Cell } from "./table.js";

const accounts = 10_000;
const processes = 4;
const lifetimeMs = 7_200_000;
const clientId = "storm";
const redirectUri = "https://app.example/callback";

const identifierOf = (index: number): string => `user_${index}`;

/** What the storm came to on one store. */
export interface Storm {
  readonly refreshesPerAccount: number;
  readonly mostForOne: number;
  readonly calls: number;
  readonly failed: number;
  readonly seconds: number;
  /** Of all four processes together. */
  readonly cpuSeconds: number;
  readonly megabytes: number;
  readonly stallMs: number;
}

/**
 * Every account's token has ended, and four processes on one store call for all of them at once; each account is called
 * in two of the processes. GitLab is a process of its own.
 */
export async function measureStorms(): Promise<Record<"SQLite" | "PostgreSQL", Storm>> {
  const folder = await mkdtemp(join(tmpdir(), "bench-storm-"));
  const postgres = await startPostgres();
  try {
    return {
      SQLite: await storm(`sqlite:${join(folder, "accounts.db")}`),
      PostgreSQL: await storm(await postgres.createDatabase()),
    };
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function benchStorm(): Promise<void> {
  const storms = await measureStorms();
  const rows = Object.entries(storms).map(([kind, of]): Cell[] => [
    kind,
    of.refreshesPerAccount.toFixed(4),
    of.mostForOne,
    of.calls,
    of.failed,
    of.seconds.toFixed(1),
    of.cpuSeconds.toFixed(1),
    Math.round(of.megabytes),
    Math.round(of.stallMs),
  ]);
  printTable(
    `${accounts.toLocaleString("en-US")} accounts expire at once, ${processes} processes, every account called in two of them (wanted: 1 refresh, 0 failed, under 15 s, stalls under 250 ms)`,
    [
      "store",
      "refreshes per account",
      "most for one",
      "calls",
      "failed",
      "seconds",
      "CPU seconds",
      "MB per process",
      "longest stall, ms",
    ],
    rows,
  );
}

async function storm(store: string): Promise<Storm> {
  const server = start("server");
  const [port] = (await once(server, "message")) as [number];
  const encryptionKey = randomBytes(32).toString("base64");
  const baseUrl = `http://127.0.0.1:${port}`;
  // One more for each process, to warm up with.
  await seed(store, encryptionKey, baseUrl, accounts + processes);
  const connection = { baseUrl, redirectUri, scopes: ["api"], clientId };
  const workers = Array.from({ length: processes }, () => start("worker"));
  try {
    await Promise.all(workers.map((worker) => once(worker, "message")));
    const share = accounts / processes;
    const order = async (index: number, identifiers: readonly string[]): Promise<StormReport> => {
      workers[index]?.send({ store, encryptionKey, connection, identifiers } satisfies StormOrder);
      const [report] = (await once(workers[index] ?? server, "message")) as [StormReport];
      return report;
    };
    const count = async (): Promise<StormCount> => {
      server.send("count");
      const [counted] = (await once(server, "message")) as [StormCount];
      return counted;
    };
    await Promise.all(workers.map((_, index) => order(index, [identifierOf(accounts + index)])));
    const before = await count();
    const began = performance.now();
    const reports = await Promise.all(
      workers.map((_, index) =>
        order(
          index,
          Array.from({ length: 2 * share }, (_, at) => identifierOf((index * share + at) % accounts)),
        ),
      ),
    );
    const seconds = (performance.now() - began) / 1000;
    const { refreshes, most } = await count();
    for (const failure of new Set(reports.flatMap(({ failures }) => failures))) console.error(failure);
    const sum = (of: (report: StormReport) => number): number =>
      reports.reduce((total, report) => total + of(report), 0);
    const largest = (of: (report: StormReport) => number): number => Math.max(...reports.map(of));
    return {
      refreshesPerAccount: (refreshes - before.refreshes) / accounts,
      mostForOne: most,
      calls: sum(({ calls }) => calls),
      failed: sum(({ failed }) => failed),
      seconds,
      cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
      megabytes: largest(({ megabytes }) => megabytes),
      stallMs: largest(({ stallMs }) => stallMs),
    };
  } finally {
    server.kill();
    for (const worker of workers) worker.kill();
  }
}

/** Accounts as they are two hours after somebody connected them. */
async function seed(url: string, encryptionKey: string, baseUrl: string, count: number): Promise<void> {
  const store = openStore(url);
  await store.open();
  const cipher = createCipher([encryptionKey]);
  const now = Date.now();
  const add = async (index: number): Promise<void> => {
    const account = { id: `account_${index}`, connectionName: "gitlab", identifier: identifierOf(index), baseUrl };
    const tokens = {
      access: new Secret(`access-${index}-0`),
      refresh: new Secret(`refresh-${index}-0`),
      lifetimeSeconds: lifetimeMs / 1000,
      redirectUri,
      clientId,
    };
    await store.addAccount({
      ...account,
      status: "ACTIVE",
      scopes: ["api"],
      gitlabUserId: index + 1,
      gitlabUsername: identifierOf(index),
      secret: sealTokens(cipher, account, tokens),
      refreshable: true,
      expiresAt: now - 1000,
      createdAt: now - lifetimeMs,
      updatedAt: now - lifetimeMs,
      version: 1,
    });
  };
  const batch = 500;
  for (let from = 0; from < count; from += batch)
    await Promise.all(Array.from({ length: Math.min(batch, count - from) }, (_, at) => add(from + at)));
  await store.close();
}

const start = (name: "server" | "worker"): ChildProcess => fork(new URL(`./storm/${name}.ts`, import.meta.url));

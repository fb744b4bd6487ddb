import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import Database from "libsql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { migrations } from "../../src/stores/migrations.js";
import { newKey } from "../support/accounts.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import { buildReplica, Replica, sourcesAt } from "../support/replicas.js";

/** The last commit of version 0.1.0. */
const firstVersion = "5499599";
const fixture = new URL("../fixtures/store-0.1/", import.meta.url);
const many = 8;
const lifetimeMs = 7_200_000;

let postgres: TestPostgres;
let current: string;
beforeAll(async () => {
  postgres = await startPostgres();
  current = await buildReplica();
}, 120_000);
afterAll(() => postgres.stop());

interface Kind {
  readonly create: (old: boolean) => Promise<string>;
  readonly query: (store: string, text: string) => Promise<unknown[]>;
}

const kinds: Readonly<Record<string, Kind>> = {
  SQLite: {
    async create(old) {
      const folder = await mkdtemp(join(tmpdir(), "rolling-upgrade-"));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const path = join(folder, "accounts.db");
      if (old) await copyFile(new URL("accounts.db", fixture), path);
      return `sqlite:${path}`;
    },
    query(store, text) {
      const database = new Database(store.replace("sqlite:", ""));
      const rows = database.prepare(text).all();
      database.close();
      return Promise.resolve(rows);
    },
  },
  PostgreSQL: {
    async create(old) {
      const url = await postgres.createDatabase();
      if (old) await postgres.query(url, await readFile(new URL("accounts.sql", fixture), "utf8"));
      return url;
    },
    query: (store, text) => postgres.query(store, text),
  },
};

describe.each(Object.entries(kinds))("%s", (_, { create, query }) => {
  test.each(["a new store", "a store of version 0.1.0"])(
    `${many} processes that start at once on %s migrate it once`,
    async (which) => {
      const store = await create(which !== "a new store");
      const { encryptionKey } = JSON.parse(await readFile(new URL("contents.json", fixture), "utf8")) as {
        encryptionKey: string;
      };
      const replicas = Array.from({ length: many }, () => new Replica(current, { store, encryptionKey }));
      onTestFinished(async () => void (await Promise.all(replicas.map((replica) => replica.kill()))));
      await Promise.all(replicas.map(({ ready }) => ready));
      const added = await Promise.all(
        replicas.map((replica) =>
          replica.do<{ connectedAccount: { id: string } }>("add", { identifier: "everybody's" }),
        ),
      );
      expect(new Set(added.map(({ connectedAccount }) => connectedAccount.id)).size).toBe(1);
      const steps = (await query(store, "select name from gitlab_steps where name not like '%contracted'")) as {
        name: string;
      }[];
      expect(steps.map(({ name }) => name).sort()).toEqual(Object.keys(migrations).sort());
    },
  );

  test("replicas of 0.1.0 and of this version work side by side, and one of either starts while the other is there", async ({
    skip,
  }) => {
    const sources = sourcesAt(firstVersion);
    if (sources === undefined) return skip("needs the history of the repository");
    let ahead = 0;
    const gitlab = await createGitLabEmulator({ now: () => new Date(Date.now() + ahead) });
    onTestFinished(() => gitlab.close());
    const redirectUri = "https://app.example/callback";
    const application = gitlab.oauth.createApplication({ redirectUri, scopes: ["api"] });
    const options = () => ({
      store,
      encryptionKey,
      offsetMs: ahead,
      connections: { gitlab: { baseUrl: gitlab.baseUrl, redirectUri, scopes: ["api"], ...application } },
    });
    const [store, encryptionKey, first] = [await create(false), newKey(), await buildReplica(sources)];
    const replicas: Replica[] = [];
    onTestFinished(async () => void (await Promise.all(replicas.map((replica) => replica.kill()))));
    async function start(script: string, count: number): Promise<Replica[]> {
      const started = Array.from({ length: count }, () => new Replica(script, options()));
      replicas.push(...started);
      await Promise.all(started.map(({ ready }) => ready));
      return started;
    }
    async function connect(replica: Replica | undefined, identifier: string, username: string): Promise<void> {
      const { link } = (await replica?.do<{ link: string }>("link", { identifier })) ?? { link: "" };
      await replica?.do("callback", gitlab.oauth.authorize(link, { username }));
    }

    const [older, otherOlder] = await start(first, 2);
    await connect(older, "by the older", "ada");
    // Calls go on while the new version comes and migrates.
    const calls = older?.do("call", { identifier: "by the older", count: 40 });
    const [newer] = await start(current, 3);
    await calls;
    // One of the older ones dies, and is started anew.
    await otherOlder?.kill();
    const [restarted] = await start(first, 1);
    await connect(newer, "by the newer", "ben");
    await connect(restarted, "by the restarted", "ada");

    // All at once add the same people.
    const alive = replicas.filter((replica) => replica !== otherOlder);
    const people = Array.from({ length: 20 }, (_, index) => `person ${index}`);
    const added = await Promise.all(
      alive.flatMap((replica) =>
        people.map((identifier) => replica.do<{ connectedAccount: { id: string } }>("add", { identifier })),
      ),
    );
    expect(new Set(added.map(({ connectedAccount }) => connectedAccount.id)).size).toBe(people.length);

    // Every pair ends, and all call for all: either version refreshes, once, what either has connected.
    const connected = { "by the older": "ada", "by the newer": "ben", "by the restarted": "ada" };
    for (let round = 0; round < 3; round += 1) {
      ahead += lifetimeMs + 1_000;
      const before = gitlab.oauth.refreshes();
      await Promise.all(alive.map((replica) => replica.do("ahead", ahead)));
      const names = await Promise.all(
        alive.flatMap((replica) =>
          Object.keys(connected).map((identifier) => replica.do<string[]>("call", { identifier, count: 5 })),
        ),
      );
      const wanted = alive.flatMap(() => Object.values(connected).map((name) => Array.from({ length: 5 }, () => name)));
      expect(names).toEqual(wanted);
      expect(gitlab.oauth.refreshes() - before).toBe(Object.keys(connected).length);
    }

    // What the older version mints, the newer takes.
    const { token } = (await older?.do<{ token: string }>("mint", { identifier: "by the newer" })) ?? { token: "" };
    expect(await newer?.do("verify", token)).toMatchObject({ identifier: "by the newer" });
    const next = (await newer?.do<{ token: string }>("mint", { identifier: "by the older" })) ?? { token: "" };
    expect(await older?.do("verify", next.token)).toMatchObject({ identifier: "by the older" });
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { expect, onTestFinished, test } from "vitest";
import { openEngine } from "../../src/stores/sqlite-engine.js";
import { newKey } from "../support/accounts.js";
import { startPostgres } from "../support/postgres.js";

const person = { identifier: "user_ada" };

function client(store: string, encryptionKey: string | string[]): GitLab {
  const gitlab = createGitLab({ store, encryptionKey });
  onTestFinished(() => gitlab.close());
  return gitlab;
}

test("sessions are verified while another process holds SQLite's write lock", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sessions-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [file, key] = [join(folder, "accounts.db"), newKey()];
  const minting = client(`sqlite:${file}`, key);
  const { token } = await minting.createSession(person);
  const holder = await openEngine(file);
  onTestFinished(() => holder.close());
  holder.exec("begin immediate");
  expect(await minting.verifySession(token)).toMatchObject(person);
  expect(await client(`sqlite:${file}`, key).verifySession(token)).toMatchObject(person);
});

test("sessions are verified on a PostgreSQL that only reads, also after a change of keys", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const [url, key] = [await postgres.createDatabase(), newKey()];
  const { token } = await client(url, key).createSession(person);
  const name = new URL(url).pathname.slice(1);
  await postgres.query(url, `alter database ${name} set default_transaction_read_only = on`);
  const replica = client(url, [newKey(), key]);
  expect(await replica.verifySession(token)).toMatchObject(person);
  await expect(replica.revokeSessions(person)).rejects.toMatchObject({ code: "internal" });
  expect(await replica.verifySession(token)).toMatchObject(person);
});

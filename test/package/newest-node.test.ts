import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { newestNode } from "../support/newest-node.js";

const run = promisify(execFile);
const built = (file: string): string => JSON.stringify(pathToFileURL(join(process.cwd(), "dist/src", file)).href);
let newest: string | undefined;

beforeAll(async () => void (newest = await newestNode()), 120_000);

async function onNewest(code: string): Promise<unknown> {
  const cwd = await mkdtemp(join(tmpdir(), "newest-node-"));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const { stdout, stderr } = await run(newest ?? "", ["--input-type=module", "-e", code], { cwd });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test("on the newest Node the built package calls GitLab for an account in Node's own SQLite, without a warning", async ({
  skip,
}) => {
  if (newest === undefined) skip("npm could not get Node 24");
  const result = await onNewest(`
    import { createGitLab } from ${built("index.js")};
    import { issuesList } from ${built("tools.js")};
    import { createGitLabEmulator } from ${built("testing/index.js")};
    const emulator = await createGitLabEmulator();
    const gitlab = createGitLab({
      connections: { gitlab: { baseUrl: emulator.baseUrl, allowHttp: true } },
      encryptionKey: ${JSON.stringify(`${"A".repeat(43)}=`)},
    });
    await gitlab.connectWithToken({ identifier: "ada", token: emulator.tokens.create({ username: "ada", scopes: ["api"] }) });
    const { data } = await issuesList(gitlab.as("ada"), { project_id: "acme/app" });
    await gitlab.close();
    await emulator.close();
    console.log(JSON.stringify({ node: process.version, issues: data.length, native: process.report.getReport().sharedObjects.some((file) => file.includes("libsql")) }));
  `);
  expect(result).toMatchObject({ node: expect.stringMatching(/^v24/) as string, native: false });
  expect((result as { issues: number }).issues).toBeGreaterThan(0);
});

test("on the newest Node a store in Node's own SQLite keeps every promise of a store", async ({ skip }) => {
  if (newest === undefined) skip("npm could not get Node 24");
  const result = await onNewest(`
    import { openStore } from ${built("stores/open-store.js")};
    import { accountStoreChecks } from ${built("testing/index.js")};
    const store = openStore("sqlite:./accounts.db");
    await store.open();
    const kept = [];
    for (const check of accountStoreChecks) kept.push(await check.run(store).then(() => check.name));
    await store.close();
    console.log(JSON.stringify({ kept: kept.length, all: accountStoreChecks.length }));
  `);
  const { kept, all } = result as { kept: number; all: number };
  expect(kept).toBe(all);
});

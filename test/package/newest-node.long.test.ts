import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { newestNode } from "../support/newest-node.js";

const run = promisify(execFile);

test("on the newest Node the tests of the SQLite store pass", async ({ skip }) => {
  const newest = await newestNode();
  if (newest === undefined) skip("npm could not get Node 24");
  const args = ["node_modules/vitest/vitest.mjs", "run", "test/stores/sqlite.test.ts", "--reporter=json"];
  const { stdout } = await run(newest ?? "", args, { maxBuffer: 16 * 2 ** 20 });
  const report = JSON.parse(stdout.slice(stdout.indexOf('{"numTotalTestSuites"'))) as Record<string, number>;
  expect(report["numFailedTests"]).toBe(0);
  expect(report["numPassedTests"]).toBeGreaterThan(15);
});

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("a warm call enters fewer than 20 files", async () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "test/support/files-entered.ts"], {
    cwd: root,
  });
  const entered = JSON.parse(stdout) as Record<string, string[]>;
  expect(Object.keys(entered)).toContain("src/http/send");
  expect(Object.keys(entered).length, JSON.stringify(entered, null, 2)).toBeLessThan(20);
});

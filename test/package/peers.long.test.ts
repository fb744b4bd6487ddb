import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "peers-"));
  const packed = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  tarball = join(folder, packed.stdout.trim().split("\n").at(-1) ?? "");
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  "ai@4",
  "ai@5",
  "ai@6",
  "openai@4",
  "openai@5",
  "openai@6",
  "@anthropic-ai/sdk@0.60.0",
  "@langchain/core@0.3",
  "@langchain/core@1",
  "pg@8",
])("installs beside %s", async (peer) => {
  const args = ["install", "--dry-run", "--no-audit", "--no-fund", tarball, peer];
  const { stdout } = await run("npm", args, { cwd: folder });
  expect(stdout).toMatch(/added \d+ packages/);
});

import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { guideSnippets, userProject } from "./support/snippets.js";

const run = promisify(execFile);

test("the emulator's guide begins with a test that passes", async () => {
  const folder = await userProject();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [guide] = (await guideSnippets()).filter(({ needs }) => needs === "Vitest");
  await writeFile(join(folder, "guide.test.js"), (await transform(guide?.code ?? "", { loader: "ts" })).code);
  const { stdout } = await run(process.execPath, [resolve("node_modules/vitest/vitest.mjs"), "run", "guide"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect(stdout).toMatch(/Tests +1 passed/);
});

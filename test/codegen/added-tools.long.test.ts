import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generate } from "../../codegen/generate.js";
import { copyWithGadgets, tenths, tryOut, type Copy } from "./added-tools.js";

let copy: Copy;
beforeAll(async () => void (copy = await copyWithGadgets()), 120_000);
afterAll(() => copy.remove());

test("a tool is added by YAML alone, and by the document alone: nothing else is written", async () => {
  expect(copy.generated.redundant).toEqual([]);
  const names = await readFile(join(copy.folder, "generated/tool-names.ts"), "utf8");
  expect(names).toContain('"gitlab_gadget_create"');
  expect(names).toContain('"gitlab_project_gadgets_list"');
  expect((await generate({ root: copy.folder, check: true })).changed).toEqual([]);
});

test.each(["types", ...tenths])("with the two, what knows of all tools still holds: %s", async (trial) => {
  await tryOut(copy.folder, trial);
});

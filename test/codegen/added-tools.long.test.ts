import { afterAll, beforeAll, test } from "vitest";
import { copyWithGadgets, tenths, tryOut, type Copy } from "./added-tools.js";

let copy: Copy;
beforeAll(async () => void (copy = await copyWithGadgets()), 120_000);
afterAll(() => copy.remove());

test.each(["types", ...tenths])("with two tools more, what knows of all tools still holds: %s", async (trial) => {
  await tryOut(copy.folder, trial);
});

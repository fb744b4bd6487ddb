import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { coverageTable } from "../../src/testing/coverage.js";

const page = new URL("../../docs/emulator.md", import.meta.url);
const [begin, end] = ["<!-- coverage -->", "<!-- /coverage -->"];

const squeezed = (text: string): string => text.replace(/ +/g, " ").replace(/-{3,}/g, "---");

/** `UPDATE_DOCS=1 npx vitest run test/testing/docs.test.ts` writes the table anew. */
test("the page's table of operations is what the code says", () => {
  const text = readFileSync(page, "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const [, after = ""] = rest.split(end);
  const fresh = `${before}${begin}\n\n${coverageTable()}\n\n${end}${after}`;
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(page, fresh);
  // The formatter aligns the columns.
  else expect(squeezed(text)).toBe(squeezed(fresh));
});

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { coverageTable, permissionsTable } from "../../src/testing/coverage.js";

const page = new URL("../../docs/emulator.md", import.meta.url);
const tables = { coverage: coverageTable, permissions: permissionsTable };

const squeezed = (text: string): string => text.replace(/ +/g, " ").replace(/-{3,}/g, "---");

/** `UPDATE_DOCS=1 npx vitest run test/testing/docs.test.ts` writes the table anew. */
test("the page's tables of operations and permissions are what the code says", () => {
  const text = readFileSync(page, "utf8");
  let fresh = text;
  for (const [name, table] of Object.entries(tables)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [before = "", rest = ""] = fresh.split(begin);
    const [, after = ""] = rest.split(end);
    fresh = `${before}${begin}\n\n${table()}\n\n${end}${after}`;
  }
  if (process.env["UPDATE_DOCS"] !== undefined) writeFileSync(page, fresh);
  // The formatter aligns the columns.
  else expect(squeezed(text)).toBe(squeezed(fresh));
});

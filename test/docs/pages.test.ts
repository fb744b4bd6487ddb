import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { errorCodes } from "../../src/errors/codes.js";
import { httpErrors } from "../../src/errors/http-errors.js";

const pages = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...(await readdir("docs")).filter((name) => name.endsWith(".md") && name !== "api.md").map((name) => `docs/${name}`),
];
const texts = new Map(await Promise.all(pages.map(async (page) => [page, await readFile(page, "utf8")] as const)));

/** The anchor that a forge makes of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .replaceAll(" ", "-");

test("every link between the pages leads somewhere, to the heading that it names", () => {
  const broken: string[] = [];
  for (const [page, text] of texts) {
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) {
      const [path = "", heading] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      const headings = [...(texts.get(file) ?? "").matchAll(/^#+ (.*)$/gm)].map(([, one = ""]) => anchor(one));
      if (!existsSync(file) || (heading !== undefined && texts.has(file) && !headings.includes(heading)))
        broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

test("docs/errors.md has every code, in the code's order, with its status, a cause and what to do", () => {
  const rows = [...(texts.get("docs/errors.md") ?? "").matchAll(/^\| `(\w+)` +\| (\d{3}) +\| (.+?) +\| (.+?) +\|$/gm)];
  expect(rows.map(([, code, status]) => [code, Number(status)])).toEqual(
    errorCodes.map((code) => [code, httpErrors[code].status]),
  );
});

test("every test that the security model names is there, under that name", async () => {
  const text = (texts.get("docs/security-model.md") ?? "").replace(/\s+/g, " ");
  const missing: string[] = [];
  let named = 0;
  for (const [, file = "", names = ""] of text.matchAll(/`(test\/[\w/.-]+)`: ((?:"[^"]+"(?:, )?)+)/g)) {
    const source = await readFile(file, "utf8");
    for (const [, name = ""] of names.matchAll(/"([^"]+)"/g)) {
      named += 1;
      if (!source.includes(`test("${name}"`)) missing.push(`${file}: ${name}`);
    }
  }
  expect(missing).toEqual([]);
  // Every claim has a test; a list that lost its form would count less.
  expect(named).toBeGreaterThanOrEqual(text.split(" - **").length - 1);
  expect(text.split("`test/").length).toBeLessThanOrEqual(named + 2);
});

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";

/** What users may be given without conditions beyond naming the authors. */
const forUsers = ["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"];

/** What developers' tools may have besides: none of it is in the package. */
const forDevelopers = [
  ...forUsers,
  ...["BlueOak-1.0.0", "Python-2.0", "Unlicense", "CC-BY-4.0", "CC0-1.0"],
  // Unchanged tools that are run, not linked: axe-core, lightningcss.
  "MPL-2.0",
];

const Lock = z.object({
  packages: z.record(z.string(), z.object({ license: z.string().optional(), dev: z.boolean().optional() })),
});

/** One of what is offered suffices: `(MIT OR CC0-1.0)`. */
const isAllowed = (license: string, allowed: readonly string[]): boolean =>
  license
    .replace(/^\(|\)$/g, "")
    .split(" OR ")
    .some((one) => allowed.includes(one));

test("every dependency has a licence that lets us use it, and users get permissive ones only", async () => {
  const { packages } = Lock.parse(JSON.parse(await readFile("package-lock.json", "utf8")));
  const wrong = Object.entries(packages)
    .filter(([path]) => path !== "")
    .filter(([, { license = "", dev }]) => !isAllowed(license, dev ? forDevelopers : forUsers))
    .map(([path, { license }]) => `${path}: ${license ?? "no licence"}`);
  expect(wrong).toEqual([]);
  expect(Object.values(packages).filter(({ dev }) => !dev).length).toBeGreaterThan(15);
});

test("NOTICE names files that there are, and the authors of what is bundled into them", async () => {
  const notice = await readFile("NOTICE", "utf8");
  const files = [...notice.matchAll(/\b(?:spec|generated|docs)\/[\w./-]*\w\.\w+/g)].map(([file]) => file);
  expect(files.length).toBeGreaterThan(4);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  const page = await readFile("docs/tools.html", "utf8");
  const author = /^Copyright \d{4} .+$/m.exec(await readFile("node_modules/minisearch/LICENSE.txt", "utf8"))?.[0];
  expect(page).toContain("MiniSearch");
  expect(notice).toContain(author);
});

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const dist = "site/dist";

test("the site builds, every link in it leads to a file of it, and no page asks anybody else for anything", async () => {
  await run("npm", ["run", "-s", "site"]);
  const pages = (await readdir(dist, { recursive: true })).filter((name) => name.endsWith(".html"));
  expect(pages).toEqual(expect.arrayContaining(["index.html", "docs/policies.html", "docs/tools.html"]));
  const broken: string[] = [];
  for (const page of pages.filter((name) => name !== "docs/tools.html")) {
    const html = await readFile(join(dist, page), "utf8");
    for (const [, tag = "", target = ""] of html.matchAll(/<(\w+)[^>]*? (?:href|src)="([^"#]+)[^"]*"/g)) {
      if (target.startsWith("data:")) continue;
      const isElsewhere = /^(?:https?:|mailto:)/.test(target);
      if (isElsewhere && tag === "a") continue;
      const file = target.startsWith("/") ? join(dist, target) : join(dist, dirname(page), target);
      const found = [file, `${file}.html`, join(file, "index.html")].some((name) => existsSync(name));
      if (isElsewhere || !found) broken.push(`${page}: ${tag} ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

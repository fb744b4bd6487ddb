// Builds the site into site/dist, from the Markdown that the repository has anyway: npm run site.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const site = fileURLToPath(new URL(".", import.meta.url));
const root = join(site, "..");

if (!existsSync(join(site, "node_modules")))
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: site, stdio: "inherit" });

// What the pages are compiled to finds Vue beside them: they are copied here.
const pages = join(site, "pages");
await rm(pages, { recursive: true, force: true });
const markdown = async (folder) =>
  (await readdir(join(root, folder), { recursive: true }))
    .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
    .map((name) => join(folder, name));
const sources = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/demo.svg", "docs/bench.svg"],
  ...(await markdown("docs")),
  ...(await markdown("examples")),
  ...(await markdown("clients")),
];
// What pages link to and what is no page: it is taken along as it is.
const files = ["docs/tools.html", "docs/bench.json", "docs/gateway.openapi.json"];
for (const [from, to] of [
  ...sources.map((name) => [name, name]),
  ...files.map((name) => [name, join("public", name)]),
]) {
  await mkdir(dirname(join(pages, to)), { recursive: true });
  await cp(join(root, from), join(pages, to));
}
await writeFile(
  join(pages, "NOTICE.md"),
  `# Notice\n\n\`\`\`text\n${await readFile(join(root, "NOTICE"), "utf8")}\`\`\`\n`,
);

const { build } = await import("vitepress");
await build(site);

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { allDefinitions } from "../../src/tools/all-definitions.js";
import type { PageRow } from "./row.js";
import { pageRow } from "./rows.js";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Names and titles of the areas, as the manifest has them. */
async function areaTitles(): Promise<Record<string, string>> {
  const manifest = JSON.parse(await readFile(here("../../generated/manifest.json"), "utf8")) as {
    areas: readonly { readonly name: string; readonly title: string }[];
  };
  return Object.fromEntries(manifest.areas.map(({ name, title }) => [name, title]));
}

async function clientScript(): Promise<string> {
  const { outputFiles } = await build({
    ...{ entryPoints: [here("browser/client.ts")], bundle: true, minify: true, write: false, format: "iife" },
    ...{ target: "es2022", charset: "utf8", legalComments: "none" },
  });
  return outputFiles[0]?.text.trim() ?? "";
}

/** JSON that a `<script>` may hold (HTML, "Restrictions for contents of script elements"). */
const embedded = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const option = (value: string, text = value): string => `<option value="${value}">${text}</option>`;

const filter = (name: string, label: string, any: string, options: readonly string[]): string =>
  `<label>${label}<select name="${name}">${option("", any)}${options.join("")}</select></label>`;

function filters(rows: readonly PageRow[], titles: Readonly<Record<string, string>>): string {
  const areas = [...new Set(rows.map(({ area }) => area))];
  const scopes = [...new Set(rows.flatMap((row) => row.scopes))].sort();
  return [
    filter(
      "area",
      "Area",
      "all",
      areas.map((area) => option(area, titles[area])),
    ),
    filter("access", "Access", "any", [option("read", "reads only"), option("write", "nothing destructive")]),
    filter("level", "Level", "all", [option("core"), option("extended", "core and extended")]),
    filter("tier", "Your plan", "any", [option("free", "Free"), option("premium", "Premium")]),
    filter(
      "scope",
      "Token's scope",
      "any",
      scopes.map((scope) => option(scope)),
    ),
  ].join("\n");
}

/** `docs/tools.html`: one file, which asks nothing of anybody. */
export async function toolsPage(): Promise<string> {
  const [titles, script, style] = await Promise.all([
    areaTitles(),
    clientScript(),
    readFile(here("style.css"), "utf8"),
  ]);
  const rows = allDefinitions()
    .map(pageRow)
    .sort((a, b) => (a.area === b.area ? (a.name < b.name ? -1 : 1) : a.area < b.area ? -1 : 1));
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  // A line for each tool, so that a change of one is a change of one line.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>GitLab tools for agents</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>GitLab tools for agents</h1>
<form id="filters" role="search">
<label>What is to be done?<input id="query" type="search" autocomplete="off" placeholder="who broke the build"></label>
${filters(rows, titles)}
</form>
<p><span id="count" role="status"></span> <small>Keys: / searches, ↓ and ↑ go from tool to tool, Enter opens.</small></p>
<noscript><p>The list needs JavaScript; api.md has the same as text.</p></noscript>
<div id="results"></div>
</main>
<script type="application/json" id="areas">${embedded(titles)}</script>
<script type="application/json" id="tools">[
${rows.map(embedded).join(",\n")}
]</script>
<script>${script}</script>
</body>
</html>
`;
}

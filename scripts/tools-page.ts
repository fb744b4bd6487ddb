import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { toolsPage } from "./tools-page/page.js";

// Writes docs/tools.html, the page to browse all tools; with --check it says whether the committed one is up to date.

const file = fileURLToPath(new URL("../docs/tools.html", import.meta.url));
const page = await toolsPage();

if (!process.argv.includes("--check")) await writeFile(file, page);
else if ((await readFile(file, "utf8").catch(() => "")) !== page) {
  console.error("docs/tools.html is stale: run npm run generate");
  process.exitCode = 1;
}

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gatewayFiles } from "./gateway/files.js";

// Writes what is made of the gateway's operations: its OpenAPI document, and the Python client. With --check it says
// whether the committed files are up to date.

for (const [path, text] of gatewayFiles()) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  if (!process.argv.includes("--check")) await writeFile(file, text);
  else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`${path} is stale: run npm run generate`);
    process.exitCode = 1;
  }
}

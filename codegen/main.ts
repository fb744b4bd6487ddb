import { parseArgs } from "node:util";
import { generate } from "./generate.js";
import { ProblemsError } from "./problem.js";
import { updateSpec } from "./update-spec.js";
import { diffSpec } from "./diff-spec.js";

// Stands in for the command line, for work on the generator itself.
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean" }, from: { type: "string" }, root: { type: "string", default: process.cwd() } },
});
const { root, check = false, from } = values;
const onProgress = (step: string): void => console.error(step);
try {
  const command = positionals.join(" ");
  if (command === "generate") {
    const result = await generate({ root, check, onProgress });
    console.log(JSON.stringify(result, null, 2));
    if (check && result.changed.length > 0) process.exitCode = 1;
  } else if (command === "spec update") console.log(await updateSpec({ root, ...(from && { from }), onProgress }));
  else if (command === "spec diff")
    console.log(JSON.stringify(await diffSpec({ root, ...(from && { from }) }), null, 2));
  else throw new Error("generate [--check] | spec update [--from FILE|URL] | spec diff [--from FILE|URL]");
} catch (error) {
  console.error(error instanceof ProblemsError ? error.message : error);
  process.exitCode = 1;
}

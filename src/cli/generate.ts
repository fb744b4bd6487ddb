import { Command } from "commander";
import { Failure, paint, print, printJson, progress } from "./output.js";

interface Flags {
  readonly check?: boolean;
  readonly root: string;
  readonly json?: boolean;
}

export function generateCommand(): Command {
  return new Command("generate")
    .description("Generate the tools from spec/ into generated/. Runs in a clone of the repository.")
    .option("--check", "write nothing; fail with the list of stale files")
    .option("--root <folder>", "the repository's folder", ".")
    .option("--json", "machine-readable output")
    .action(run);
}

async function run({ check = false, root, json = false }: Flags): Promise<void> {
  const { generate } = await loadCodegen(() => import("../../codegen/generate.js"));
  const { files, changed, tools, notes, redundant } = await generate({
    root,
    check,
    onProgress: json ? undefined : progress,
  });
  if (json) printJson({ tools, files: files.length, changed, notes, redundant });
  if (check && changed.length > 0)
    throw new Failure("stale", `npm run generate would change\n${changed.map((file) => `  ${file}`).join("\n")}`);
  if (json) return;
  if (!check) for (const line of redundant) print(paint("dim", line));
  for (const note of notes) print(paint("dim", `note: ${note}`));
  const outcome = changed.length === 0 ? "all up to date" : `${changed.length} written`;
  print(`${tools} tools, ${files.length} files, ${outcome}`);
}

/** The generator's tools are development dependencies: an installed package has none of them. */
export async function loadCodegen<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      throw new Error("Generating needs the repository's development dependencies: clone it and run npm ci first.", {
        cause: error,
      });
    }
    throw error;
  }
}

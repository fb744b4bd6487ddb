import { Command } from "commander";
import type { GenerateResult } from "../../codegen/generate.js";
import { requireClone } from "./clone.js";
import { CommandFailure, paint, print, printJson, progress, UsageError } from "./output.js";

interface GenerateFlags {
  readonly check?: boolean;
  readonly root: string;
  readonly spec?: string;
  readonly manifest?: string;
  readonly include?: string[];
  readonly out?: string;
  readonly json?: boolean;
}

export function generateCommand(): Command {
  return new Command("generate")
    .description(
      "Generate tools: from spec/ into generated/ in a clone of the sources; with --spec, tools of your own for operations of any GitLab document, in any project.",
    )
    .option("--check", "write nothing; fail with the list of stale files")
    .option("--root <folder>", "the clone's folder", ".")
    .option("--spec <file-or-url>", "an OpenAPI 3 document of GitLab's, or a release such as 19.5.0")
    .option("--manifest <file-or-folder>", "what your tools say otherwise than is derived, as YAML")
    .option("--include <glob...>", "paths that become tools, such as '/api/v4/projects/*/wikis*' or 'GET /api/v4/*'")
    .option("--out <folder>", "where the modules of your own tools go")
    .option("--json", "machine-readable output")
    .action(run);
}

async function run(flags: GenerateFlags): Promise<void> {
  const { check = false, json = false } = flags;
  const { files, changed, tools, notes, redundant } = await generated(flags);
  if (json) printJson({ tools, files: files.length, changed, notes, redundant });
  if (check && changed.length > 0)
    throw new CommandFailure(
      "stale",
      `${flags.spec === undefined ? "npm run generate" : "generate"} would change\n${changed.map((file) => `  ${file}`).join("\n")}`,
    );
  if (json) return;
  if (!check) for (const line of redundant) print(paint("dim", line));
  for (const note of notes) print(paint("dim", `note: ${note}`));
  const outcome = changed.length === 0 ? "all up to date" : `${changed.length} written`;
  print(`${tools} tools, ${files.length} files, ${outcome}`);
}

async function generated({
  check = false,
  root,
  spec,
  manifest,
  include,
  out,
  json,
}: GenerateFlags): Promise<GenerateResult> {
  const common = { check, ...(json ? {} : { onProgress: progress }) };
  if (spec === undefined) {
    if (manifest !== undefined || include !== undefined || out !== undefined)
      throw new UsageError(
        "--manifest, --include and --out go with --spec, the document that the tools are made from.",
      );
    requireClone(
      root,
      "generate",
      " Tools of your own: generate --spec FILE-OR-URL --out FOLDER, for operations of any GitLab document.",
    );
    const { generate } = await loadCodegen(() => import("../../codegen/generate.js"));
    return await generate({ ...common, root });
  }
  if (out === undefined) throw new UsageError("--out says where the modules of your own tools go.");
  const { generateOwn } = await loadCodegen(() => import("../../codegen/generate-own.js"));
  return await generateOwn({
    ...common,
    spec,
    out,
    ...(manifest !== undefined && { manifest }),
    ...(include && { include }),
  });
}

/** What generating needs beyond the package are optional peers: the one that is missing is named. */
export async function loadCodegen<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const missing =
      error instanceof Error ? /^Cannot find (?:package|module) '([^'./][^']*)'/.exec(error.message) : null;
    if (missing?.[1] === undefined) throw error;
    throw new Error(
      `Generating needs ${missing[1]}, which is not installed: npm install --save-dev openapi-typescript typescript`,
      { cause: error },
    );
  }
}

import { Command } from "commander";
import { loadCodegen } from "./generate.js";
import { paint, print, printJson, progress } from "./output.js";

interface Flags {
  readonly from?: readonly string[];
  readonly root: string;
  readonly json?: boolean;
}

function subcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(
      "--from <url-or-file...>",
      "GitLab's OpenAPI document; of several, the first wins (default: the published one of the release in spec.lock.yaml)",
    )
    .option("--root <folder>", "the repository's folder", ".")
    .option("--json", "machine-readable output");
}

export function specCommand(): Command {
  return new Command("spec")
    .description("Update or compare what is taken from GitLab's OpenAPI document.")
    .addCommand(
      subcommand("update", "Prune a document to the manifest's operations and write spec/gitlab.openapi.yaml.").action(
        update,
      ),
    )
    .addCommand(subcommand("diff", "Show what a document would change for the tools.").action(diff));
}

async function update({ from, root, json }: Flags): Promise<void> {
  const { updateSpec } = await loadCodegen(() => import("../../codegen/update-spec.js"));
  const { lock, written, problems } = await updateSpec({
    root,
    ...(from && { from }),
    onProgress: json ? undefined : progress,
  });
  if (json) {
    printJson({ lock, written, problems });
    return;
  }
  print(
    `${lock.operations} operations of GitLab ${lock.version}: ${written.length === 0 ? "nothing changed" : `wrote ${written.join(", ")}`}`,
  );
  for (const problem of problems) print(`${paint("yellow", "to mend before generating")}: ${problem}`);
}

async function diff({ from, root, json }: Flags): Promise<void> {
  const { diffSpec } = await loadCodegen(() => import("../../codegen/diff-spec.js"));
  const changes = await diffSpec({ root, ...(from?.[0] !== undefined && { from: from[0] }) });
  if (json) {
    printJson(changes);
    return;
  }
  const marks = { added: paint("green", "+"), removed: paint("red", "-"), changed: paint("yellow", "~") };
  for (const { kind, where, what } of changes) print(`${marks[kind]} ${where}: ${what}`);
  print(changes.length === 0 ? "no difference" : `${changes.length} differences`);
}

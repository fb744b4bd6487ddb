import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import type { Severity } from "../../codegen/diff/finding.js";
import type { SpecDiff } from "../../codegen/diff-spec.js";
import { requireClone } from "./clone.js";
import { loadCodegen } from "./generate.js";
import { CommandFailure, paint, print, printJson, progress } from "./output.js";

interface SpecFlags {
  readonly from?: readonly string[];
  readonly root?: string;
  readonly json?: boolean;
}

interface UpdateFlags extends SpecFlags {
  readonly acceptBreaking?: boolean;
}

interface DiffFlags extends SpecFlags {
  readonly markdown?: boolean;
  readonly failOn?: "breaking" | "review";
}

function subcommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(
      "--from <url-or-file...>",
      "GitLab's OpenAPI document: files, URLs, or releases (19.5.0); of several, the first wins (default: the published one of the release in spec.lock.yaml)",
    )
    .option("--root <folder>", "the folder with spec/ (default: this one, or the installed package's own)")
    .option("--json", "machine-readable output");
}

export function specCommand(): Command {
  return new Command("spec")
    .description("Update or compare what is taken from GitLab's OpenAPI document.")
    .addCommand(
      subcommand("update", "Take a document's operations into spec/, and generate. Shows what changes for the tools.")
        .option("--accept-breaking", "take changes that break tools")
        .action(update),
    )
    .addCommand(
      subcommand("diff", "Show what a document would change for the tools.")
        .option("--markdown", "for a merge request")
        .addOption(
          new Option("--fail-on <severity>", "exit with 1 when something is as bad as this").choices([
            "breaking",
            "review",
          ]),
        )
        .action(diff),
    );
}

async function update({ from, root = ".", json, acceptBreaking }: UpdateFlags): Promise<void> {
  requireClone(root, "spec update", " `spec diff` compares a document with the installed tools.");
  const { updateSpec, BreakingChangesError } = await loadCodegen(() => import("../../codegen/update-spec.js"));
  const { textReport } = await loadCodegen(() => import("../../codegen/diff/report.js"));
  try {
    const { lock, written, diff } = await updateSpec({
      root,
      ...(from && { from }),
      acceptBreaking,
      onDiff: (found) => {
        if (!json) print(`${textReport(found, paintSeverity)}\n`);
      },
      onProgress: json ? undefined : progress,
    });
    if (json) printJson({ lock, written, diff });
    else
      print(
        `${lock.operations} operations of GitLab ${lock.version}: ${written.length === 0 ? "nothing changed" : `wrote ${written.join(", ")}`}`,
      );
  } catch (error) {
    if (!(error instanceof BreakingChangesError)) throw error;
    if (json) printJson({ written: [], diff: error.diff });
    throw new CommandFailure("breaking", `${error.message}. Take them with --accept-breaking`);
  }
}

async function diff({ from, root, json, markdown, failOn }: DiffFlags): Promise<void> {
  const { diffSpec } = await loadCodegen(() => import("../../codegen/diff-spec.js"));
  const { markdownReport, summary, textReport } = await loadCodegen(() => import("../../codegen/diff/report.js"));
  const found = await diffSpec({
    root: root ?? ownRoot(),
    ...(from && { from }),
    onProgress: json ? undefined : progress,
  });
  if (json) printJson(found);
  else print(markdown ? markdownReport(found) : textReport(found, paintSeverity));
  if (failOn !== undefined && isAsBad(found, failOn)) throw new CommandFailure(failOn, summary(found));
}

function isAsBad({ counts }: SpecDiff, failOn: "breaking" | "review"): boolean {
  return counts.breaking > 0 || (failOn === "review" && counts.review > 0);
}

function paintSeverity(severity: Severity, text: string): string {
  return paint(severity === "breaking" ? "red" : severity === "review" ? "yellow" : "green", text);
}

/** Where nobody has a manifest of their own, the package's tools are compared. */
function ownRoot(): string {
  if (existsSync("spec/tools")) return ".";
  // From src/cli, or from dist/src/cli.
  const above = ["../..", "../../.."].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return above.find((folder) => existsSync(join(folder, "spec/tools"))) ?? ".";
}

import { Command, Option } from "commander";
import { definitionFormats } from "../adapters/formats.js";
import { list, withSelection, type SelectionFlags } from "./selection.js";
import type { ExportFlags } from "./tools-run.js";

/** The registry is loaded when a command needs it, not for `--help`. */
const commands = () => import("./tools-run.js");

export function toolsCommand(): Command {
  const command = new Command("tools").description("Look at the tools and export their definitions.");
  command.addCommand(
    withSelection(new Command("list").description("List the tools."))
      .option("--json", "machine-readable output")
      .action(async (flags: SelectionFlags & { json?: boolean }) => (await commands()).listTools(flags)),
  );
  command.addCommand(
    new Command("show")
      .description("Show one tool: what it does, takes and needs.")
      .argument("<tool>", "the tool's name")
      .option("--tools <modules>", "modules with tools of your own, such as ./tools.js, separated by commas", list)
      .option("--json", "machine-readable output")
      .action(async (name: string, flags: { json?: boolean; tools?: string[] }) =>
        (await commands()).showTool(name, flags),
      ),
  );
  command.addCommand(
    new Command("explain")
      .description("Show where each value of a tool comes from: a rule, or a line of spec/. Runs in a clone.")
      .argument("<tool>", "the tool's name")
      .option("--root <folder>", "the clone's folder", ".")
      .option("--json", "machine-readable output")
      .action(async (name: string, flags: { root: string; json?: boolean }) =>
        (await commands()).explainTool(name, flags),
      ),
  );
  command.addCommand(
    withSelection(new Command("export").description("Print the definitions of tools for a model or a document."))
      .addOption(
        new Option("--format <format>", "whom the definitions are for")
          .choices([...definitionFormats])
          .makeOptionMandatory(),
      )
      .option("--strict", "openai: structured outputs in strict mode")
      .addOption(
        new Option("--annotations <how>", "mcp: every hint, or what the protocol does not assume").choices([
          "lean",
          "full",
        ]),
      )
      .addOption(
        new Option("--output-schema <view>", "mcp: with schemas of the answers in a view").choices(["full", "compact"]),
      )
      .option("--discovery", "the three tools that find, describe and call the selected ones")
      .option("--pretty", "indent the JSON, for people; without it, every token counts")
      .option("--out <file>", "write to a file instead of standard output")
      .option("--json", 'JSON whatever the format: Markdown as {"markdown": …}; with --out, what was written')
      .action(async (flags: ExportFlags) => (await commands()).exportTools(flags)),
  );
  return command;
}

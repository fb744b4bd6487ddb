import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { tools } from "../../generated/registry.js";
import { definitionFormats, exportDefinitions, type DefinitionFormat } from "../adapters/export.js";
import { selectTools, type Selection } from "../adapters/select.js";
import type { ToolDefinition } from "../tools/definition.js";
import { fullSchema } from "../tools/json-schema.js";
import { unknownTool } from "../tools/lookup.js";
import { paint, print, printJson } from "./output.js";

/** Options that choose tools, shared by every command that lists them. */
export function withSelection(command: Command): Command {
  return command
    .option("--tools <names>", "only these tools, by name or glob, separated by commas", list)
    .option("--area <areas>", "only these areas, separated by commas", list)
    .addOption(new Option("--access <level>", "the most that a tool may do").choices(["read", "write", "destructive"]));
}

const list = (value: string): string[] =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

export interface SelectionFlags {
  readonly tools?: string[];
  readonly area?: string[];
  readonly access?: Selection["access"];
}

export function selectionOf(flags: SelectionFlags): Selection {
  return {
    ...(flags.tools && { tools: flags.tools }),
    ...(flags.area && { areas: flags.area }),
    ...(flags.access && { access: flags.access }),
  };
}

export function toolsCommand(): Command {
  const command = new Command("tools").description("Look at the tools and export their definitions.");
  command.addCommand(
    withSelection(new Command("list").description("List the tools."))
      .option("--json", "machine-readable output")
      .action((flags: SelectionFlags & { json?: boolean }) =>
        listTools(selectTools(selectionOf(flags)), flags.json ?? false),
      ),
  );
  command.addCommand(
    new Command("show")
      .description("Show one tool: what it does, takes and needs.")
      .argument("<tool>", "the tool's name")
      .option("--json", "machine-readable output")
      .action((name: string, flags: { json?: boolean }) => showTool(name, flags.json ?? false)),
  );
  command.addCommand(
    withSelection(new Command("export").description("Print the definitions of tools for a model or a document."))
      .addOption(
        new Option("--format <format>", "whom the definitions are for")
          .choices([...definitionFormats])
          .makeOptionMandatory(),
      )
      .option("--strict", "openai: structured outputs in strict mode")
      .option("--out <file>", "write to a file instead of standard output")
      .option("--json", "accepted for every command; definitions are JSON already")
      .action(exportTools),
  );
  return command;
}

function listTools(definitions: readonly ToolDefinition[], json: boolean): void {
  if (json) {
    printJson(
      definitions.map(({ name, title, area, access, tier }) => ({ name, title, area, access, ...(tier && { tier }) })),
    );
    return;
  }
  const width = Math.max(0, ...definitions.map(({ name }) => name.length));
  let area = "";
  for (const definition of definitions.toSorted(
    (a, b) => a.area.localeCompare(b.area) || a.name.localeCompare(b.name),
  )) {
    if (definition.area !== area) print(`${area === "" ? "" : "\n"}${paint("bold", (area = definition.area))}`);
    print(`  ${definition.name.padEnd(width)}  ${paint("dim", definition.access.padEnd(11))}  ${definition.title}`);
  }
  print(`\n${definitions.length} tools`);
}

function showTool(name: string, json: boolean): void {
  if (!Object.hasOwn(tools, name)) throw unknownTool(name);
  const { definition } = tools[name as keyof typeof tools];
  const schema = fullSchema(definition);
  if (json) {
    const { input: _input, parameters: _parameters, ...facts } = definition;
    printJson({ ...facts, inputSchema: schema });
    return;
  }
  const { title, description, method, path, access, scopes, tier, curated } = definition;
  print(`${paint("bold", name)}: ${title}\n${description}\n`);
  print(`${method} ${path}\naccess ${access}, scope ${scopes.join(" or ")}${tier ? `, needs ${tier}` : ""}\n`);
  const names = Object.keys(schema.properties ?? {});
  const order = [...curated, ...names.filter((parameter) => !curated.includes(parameter))];
  for (const parameter of order) {
    const { type, enum: values, description: text } = schema.properties?.[parameter] ?? {};
    const required = schema.required?.includes(parameter) ? paint("yellow", "required") : "";
    const shown = curated.includes(parameter) ? "" : paint("dim", "for code only");
    const what = values ? values.map(String).join(" | ") : String(type ?? "");
    print(`  ${parameter}  ${[what, required, shown, text].filter(Boolean).join("  ")}`);
  }
}

async function exportTools(
  flags: SelectionFlags & { format: DefinitionFormat; strict?: boolean; out?: string },
): Promise<void> {
  const text = exportDefinitions(selectTools(selectionOf(flags)), flags.format, { strict: flags.strict ?? false });
  if (flags.out) await writeFile(flags.out, text);
  else print(text);
}

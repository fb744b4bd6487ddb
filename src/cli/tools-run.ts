import { writeFile } from "node:fs/promises";
import { discoveryFor } from "../adapters/discovery-tools.js";
import { exportDefinitions, type ExportOptions } from "../adapters/export.js";
import type { DefinitionFormat } from "../adapters/formats.js";
import { selectTools } from "../tools/select.js";
import type { ToolDefinition } from "../definition/definition.js";
import { fullSchema } from "../tools/json-schema.js";
import { lookUp } from "../tools/lookup.js";
import { requireClone } from "./clone.js";
import { loadCodegen } from "./generate.js";
import { loadOwnTools } from "./own-tools.js";
import { paint, print, printJson } from "./output.js";
import { selectionOf, type SelectionFlags } from "./selection.js";

export async function listTools(flags: SelectionFlags & { json?: boolean }): Promise<void> {
  const definitions = await selected(flags);
  if (flags.json) {
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

/** The tools that the flags select, among GitLab's and those of the modules that they name. */
async function selected(flags: SelectionFlags): Promise<readonly ToolDefinition[]> {
  const own = await loadOwnTools(flags.tools);
  return selectTools(
    selectionOf(flags),
    own.map(({ definition }) => definition),
  );
}

export async function showTool(
  name: string,
  flags: { readonly json?: boolean; readonly tools?: string[] },
): Promise<void> {
  const { json, tools } = flags;
  const own = (await loadOwnTools(tools)).find(({ definition }) => definition.name === name);
  const definition = own?.definition ?? (await lookUp(name));
  const schema = fullSchema(definition);
  if (json) {
    const { input: _input, parameters: _parameters, run: _run, ...facts } = definition;
    printJson({ ...facts, inputSchema: schema });
    return;
  }
  const { title, description, method, path, access, scopes, tier, curated, steps } = definition;
  print(`${paint("bold", name)}: ${title}\n${description}\n`);
  const calls = steps ? `calls ${steps.join(", ")}` : `${method} ${path}`;
  print(`${calls}\naccess ${access}, scope ${scopes.join(" or ")}${tier ? `, needs ${tier}` : ""}\n`);
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

export async function explainTool(name: string, { root, json }: { root: string; json?: boolean }): Promise<void> {
  requireClone(root, "tools explain", " `tools show` describes a tool.");
  const { explain } = await loadCodegen(() => import("../../codegen/explain.js"));
  const values = await explain(root, name);
  if (json) {
    printJson(values);
    return;
  }
  for (const { field, value, origin } of values) {
    const from = origin.from === "manifest" ? origin.place : origin.rule;
    print(`${paint("bold", field.padEnd(12))} ${JSON.stringify(value) ?? "nothing"}  ${paint("dim", from)}`);
  }
}

export interface ExportFlags extends SelectionFlags, ExportOptions {
  readonly discovery?: boolean;
  readonly format: DefinitionFormat;
  readonly out?: string;
  readonly json?: boolean;
}

export async function exportTools(flags: ExportFlags): Promise<void> {
  const { format, out, json } = flags;
  const tools = await selected(flags);
  const definitions = flags.discovery ? discoveryFor(tools) : tools;
  const text = exportDefinitions(definitions, format, flags);
  if (out) {
    await writeFile(out, text);
    if (json) printJson({ out, format, tools: definitions.length });
  } else if (json && format === "markdown") printJson({ markdown: text });
  else print(text);
}

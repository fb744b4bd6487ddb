import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { ToolDefinition } from "../definition/definition.js";
import { curatedSchema, type JsonSchema } from "../tools/json-schema.js";
import { nearest } from "../options/nearest.js";
import { toAnthropic, toGemini, toJsonSchemaDocument, toMcp, toOpenAi, type McpOptions } from "./definitions.js";
import { definitionFormats, type DefinitionFormat } from "./formats.js";
import { outputSchema } from "./output-schema.js";

export interface ExportOptions {
  /** openai: structured outputs in strict mode. */
  readonly strict?: boolean;
  /** mcp: every hint, not only those that differ from the protocol's defaults. */
  readonly annotations?: McpOptions["annotations"];
  /** mcp: the schema of structured content, for the view that calls are made with. */
  readonly outputSchema?: "full" | "compact";
  /** Indented, for people. */
  readonly pretty?: boolean;
}

/**
 * The definitions as a document: JSON in the shape that the format's API takes, or Markdown to read.
 *
 * @throws {GitLabToolError} `invalid_input` for a format that does not exist
 */
export function exportDefinitions(
  definitions: readonly ToolDefinition[],
  format: DefinitionFormat,
  options: ExportOptions = {},
): string {
  // What goes to a model is paid for by the token: no spaces, unless a person is to read it.
  const json = (value: unknown): string => `${JSON.stringify(value, undefined, options.pretty ? 2 : undefined)}\n`;
  switch (format) {
    case "openai":
      return json(definitions.map((definition) => toOpenAi(definition, options)));
    case "anthropic":
      return json(definitions.map((definition) => toAnthropic(definition)));
    case "gemini":
      return json([{ functionDeclarations: definitions.map((definition) => toGemini(definition)) }]);
    case "mcp":
      return json({ tools: definitions.map((definition) => toMcp(definition, mcpOptions(definition, options))) });
    case "json-schema":
      return json(
        Object.fromEntries(definitions.map((definition) => [definition.name, toJsonSchemaDocument(definition)])),
      );
    case "markdown":
      return markdown(definitions);
    default:
      throw unknownFormat(format);
  }
}

function unknownFormat(format: unknown): GitLabToolError {
  const near = nearest(String(format), definitionFormats);
  return new GitLabToolError({
    code: "invalid_input",
    message: `There is no format ${JSON.stringify(String(format).slice(0, 100))}${near ? `; did you mean ${near}?` : "."}`,
    hint: `The formats are ${definitionFormats.join(", ")}.`,
    details: { field: "format", ...(near && { nearest: near }) },
  });
}

function mcpOptions(definition: ToolDefinition, { annotations, outputSchema: view }: ExportOptions): McpOptions {
  return { ...(annotations && { annotations }), ...(view && { outputSchema: outputSchema(definition, view) }) };
}

function markdown(definitions: readonly ToolDefinition[]): string {
  const areas = [...new Set(definitions.map(({ area }) => area))].toSorted();
  const sections = areas.map((area) => {
    const entries = definitions.filter((definition) => definition.area === area).map(entry);
    return `## ${area}\n\n${entries.join("\n\n")}`;
  });
  return `# GitLab tools\n\n${sections.join("\n\n")}\n`;
}

function entry(definition: ToolDefinition): string {
  const { name, title, description, access, scopes, tier, verification } = definition;
  const needs = [
    `access: ${access}`,
    `scope: \`${scopes[0] ?? "api"}\``,
    ...(tier ? [`needs ${tier}`] : []),
    ...(verification ? ["GitLab.com asks for identity verification"] : []),
  ];
  const { properties = {}, required = [] } = curatedSchema(definition);
  const rows = Object.entries(properties).map(
    ([parameter, schema]) =>
      `| \`${parameter}\` | ${cell(typeName(schema))} | ${required.includes(parameter) ? "yes" : ""} | ${cell(schema.description ?? "")} |`,
  );
  const table = rows.length === 0 ? "" : `\n\n| parameter | type | required | |\n|---|---|---|---|\n${rows.join("\n")}`;
  return `### \`${name}\`: ${title}\n\n${description}\n\n${needs.join(", ")}${table}`;
}

function typeName({ type, enum: values, items }: JsonSchema): string {
  if (values) return values.map((value) => `\`${String(value)}\``).join(", ");
  return items ? `list of ${typeName(items)}` : String(type ?? "any");
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

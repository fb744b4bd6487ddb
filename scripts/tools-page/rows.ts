import { firstFound, typeOf } from "../../src/adapters/first-found.js";
import { outputSchema } from "../../src/adapters/output-schema.js";
import { urlOf } from "../../src/http/build-request.js";
import type { ToolDefinition } from "../../src/definition/definition.js";
import { functionName } from "../../src/tools/function-name.js";
import { textFor } from "../../src/tools/graphql/text.js";
import { curatedSchema, fullSchema, type JsonSchema } from "../../src/tools/json-schema.js";
import { toWire } from "../../src/tools/prepare.js";
import { validate } from "../../src/tools/validate.js";
import { shownField, viewTree, type ViewNode } from "../../src/views/view-tree.js";
import type { PageRow, ParameterLine } from "./row.js";

export const exampleInstance = "https://gitlab.example.com";

/** What the page shows of a tool. */
export function pageRow(definition: ToolDefinition): PageRow {
  const { name, title, description, area, access, level = "core", method, path, scopes, curated } = definition;
  const { keywords, list, tier, role, steps } = definition;
  const groups = (definition.required_one ?? []).map((group) => group.filter((one) => curated.includes(one)));
  const shown = { name, access, description, inputSchema: { ...curatedSchema(definition), type: "object" as const } };
  const { example } = firstFound(
    shown,
    groups.filter(({ length }) => length > 0),
  );
  const http = requestOf(definition, example);
  return {
    ...{ name, title, description, area, access, level, method, path, scopes, curated },
    ...(keywords && { keywords }),
    ...(list && { list }),
    ...(tier && { tier }),
    ...(role !== undefined && { role }),
    ...(steps && { steps }),
    ...{ lines: linesOf(definition), functionName: functionName(name), example },
    ...(http && { http }),
    answer: answerOf(definition),
  };
}

function linesOf(definition: ToolDefinition): ParameterLine[] {
  const { properties = {}, required = [] } = fullSchema(definition);
  const { curated } = definition;
  const names = Object.keys(properties);
  return [...curated, ...names.filter((name) => !curated.includes(name))].flatMap((name) => {
    const schema = properties[name];
    if (!schema) return [];
    const marks = `${required.includes(name) ? "!" : ""}${curated.includes(name) ? "" : "-"}`;
    const line = [name, typeOf(schema), marks] as const;
    return [schema.description === undefined ? line : ([...line, schema.description] as const)];
  });
}

function requestOf(definition: ToolDefinition, example: PageRow["example"]): PageRow["http"] {
  if (definition.steps) return undefined;
  const { graphql } = definition;
  if (graphql) return { graphql: textFor(graphql.text, { version: "99.0", enterprise: true }).trim() };
  const wire = toWire(definition, validate(definition, example), exampleInstance);
  return { url: urlOf(wire, exampleInstance), ...(wire.body && { body: wire.body }) };
}

function answerOf(definition: ToolDefinition): string {
  const { answer, view, list } = definition;
  if (answer === "text") return "text";
  if (answer === "empty") return "nothing: it is done";
  if (answer === "binary") return "a file";
  const { properties = {} } = outputSchema(definition);
  if (Object.keys(properties).length > 0) return fieldsOf(properties);
  if (view.length === 0) return "as GitLab answers";
  return list ? `{ items: [${namesOf(viewTree(view))}], page }` : namesOf(viewTree(view));
}

const fieldsOf = (properties: Readonly<Record<string, JsonSchema>>): string =>
  `{ ${Object.entries(properties)
    .map(([name, schema]) => (name === "page" && schema.properties ? name : `${name}${typed(schema)}`))
    .join(", ")} }`;

function typed(schema: JsonSchema): string {
  const word = wordOf(schema);
  return word === "" ? "" : `: ${word}`;
}

function wordOf({ type, items, properties }: JsonSchema): string {
  if (properties) return fieldsOf(properties);
  if (type === "array") return `[${wordOf(items ?? {}) || "…"}]`;
  return type === "string" ? "text" : typeof type === "string" ? type : "";
}

/** Where no schema tells the types: the view's own fields. */
const namesOf = ({ fields }: ViewNode): string =>
  `{ ${[...fields]
    .map(([field, node]) => {
      const { name, flatten } = shownField(field, node);
      return flatten === undefined && node.fields.size > 0 ? `${name}: ${namesOf(node)}` : name;
    })
    .join(", ")} }`;

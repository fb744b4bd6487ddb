import type { ParameterPlace } from "../../src/definition/definition.js";
import type { ParameterRow, PropertyRow, ToolRow, TypeRow } from "../../src/tools/row.js";
import type { AreaModel, InputType, ParameterModel, PropertyModel, ToolModel } from "../model.js";
import { data, header, jsonText } from "./source.js";

/**
 * The rows of an area: for each tool what the runtime needs, as JSON. Its type is `string` and not the text itself, which
 * the types of the package would hold a second time.
 */
export function rowsModule({ tools }: AreaModel): string {
  const rows = tools.map(
    (tool) => `\nexport const ${tool.functionName}${tool.steps ? "" : ": string"} = ${rowText(tool)};\n`,
  );
  return [header, ...rows].join("");
}

/** A row as text; of a tool made of several calls with what loads these, which is no data. */
function rowText(tool: ToolModel): string {
  const text = jsonText(toolRow(tool), 2);
  if (!tool.steps) return text;
  const run = `async () => (await import(${data(workflowModule(tool, "../../"))})).run`;
  return `{ run: ${run}, row: ${text} }`;
}

/** The file with a tool's steps is called after it, with hyphens and without `gitlab_`. */
export const workflowModule = ({ name }: ToolModel, above: string): string =>
  `${above}src/workflows/${name.replace(/^gitlab_/, "").replaceAll("_", "-")}.js`;

/** A tool's row. */
export function toolRow(tool: ToolModel): ToolRow {
  const { name, title, description, area, method, path, access, idempotent, scopes, curated, answer, view } = tool;
  const { tier, verification, role, exclusive, required_one, content, keywords } = tool;
  const { level, secrets, credentials, same_as, aliases } = tool;
  const { reach, confirm, destructive_when, see, lost, witness, shows, seen, since, steps, graphql } = tool;
  return {
    name,
    title,
    description,
    area,
    ...(level !== "core" && { level }),
    method,
    path,
    access,
    idempotent,
    ...(tier && { tier }),
    ...(verification && { verification }),
    ...(role !== undefined && { role }),
    scopes,
    parameters: Object.fromEntries(tool.parameters.map((parameter) => [parameter.name, parameterRow(parameter)])),
    curated,
    ...(exclusive.length > 0 && { exclusive }),
    ...(required_one.length > 0 && { required_one }),
    answer: answer.kind,
    ...(answer.list && { list: true }),
    ...(content !== undefined && { content }),
    view,
    ...(secrets && { secrets }),
    ...(credentials && { credentials }),
    ...(same_as !== undefined && { same_as }),
    ...(aliases && { aliases }),
    ...(keywords && { keywords }),
    ...(reach && { reach }),
    ...(confirm && { confirm }),
    ...(destructive_when && { destructive_when }),
    ...(see && { see }),
    ...(lost && { lost }),
    ...(witness && { witness }),
    ...(shows !== undefined && { shows }),
    ...(seen !== undefined && { seen }),
    ...(since !== undefined && { since }),
    ...(steps && { steps }),
    ...(graphql && { graphql }),
  };
}

function parameterRow(parameter: ParameterModel): ParameterRow {
  const { in: where, wire, name, list, keyword, fill, clear, marks, ref, iid } = parameter;
  return {
    in: where,
    ...(wire !== name && { name: wire }),
    ...(list && { list }),
    ...(keyword && { keyword }),
    ...(fill !== undefined && { fill }),
    ...(clear !== undefined && { clear }),
    ...(marks !== undefined && { marks }),
    ...(ref && { ref }),
    ...(iid && { iid }),
    ...(parameter.type.kind === "file" && { file: true }),
    ...policyRow(parameter),
    ...propertyRow(parameter),
  };
}

/** What policies and refusals know of a parameter. */
function policyRow(parameter: ParameterModel): Partial<ParameterPlace> {
  const { reach, by, widens, text, sign, finder, since, enterprise, names, within, once } = parameter;
  return {
    ...(reach && reach !== "here" && { reach }),
    ...(by && { by }),
    ...(widens && { widens }),
    ...(text && text !== "plain" && { text }),
    ...(sign && { sign }),
    ...(finder !== undefined && { finder }),
    ...(since !== undefined && { since }),
    ...(enterprise && { enterprise }),
    ...(names && { names }),
    ...(within && { within }),
    ...(once && { once }),
    ...(parameter.switch && { switch: parameter.switch }),
  };
}

function propertyRow({ required, type }: Pick<PropertyModel, "required" | "type">): PropertyRow {
  return { ...(required && { required }), ...typeRow(type) };
}

function typeRow(type: InputType): TypeRow {
  const { facts } = type;
  switch (type.kind) {
    case "choice":
      return { type: type.kind, values: type.values, ...facts };
    case "integerChoice":
      return { type: type.kind, values: type.values, ...facts };
    case "list":
    case "array":
      return { type: type.kind, item: typeRow(type.item), ...facts };
    case "record":
      return { type: type.kind, item: typeRow(type.value), ...facts };
    case "object": {
      const properties = type.properties.map((property): [string, PropertyRow] => [
        property.name,
        { ...(property.clear !== undefined && { clear: property.clear }), ...propertyRow(property) },
      ]);
      return { type: type.kind, properties: Object.fromEntries(properties), ...facts };
    }
    default:
      return { type: type.kind, ...facts };
  }
}

import type { Facts, InputType, ParameterModel, ToolModel } from "../model.js";
import { data, docs, propertyName } from "./source.js";

/** The type of a tool's input, for code. */
export function inputDeclaration(name: string, tool: ToolModel): string {
  const about = docs(`Input of \`${tool.functionName}\`.`);
  // An empty interface would let every property pass.
  if (tool.parameters.length === 0) return `${about}export type ${name} = ${readonlyRecord("never")};\n`;
  const properties = tool.parameters.map((parameter) => property(parameter, parameter.list === "comma", "  "));
  return `${about}export interface ${name} {\n${properties.join("")}}\n`;
}

type Property = Pick<ParameterModel, "name" | "required" | "type" | "clear">;

function property({ name, required, type, clear }: Property, comma: boolean, indent: string): string {
  const optional = required ? "" : "?";
  const orNull = clear === undefined || Array.isArray(clear) ? "" : " | null";
  return `${docs(documentation(type), indent)}${indent}${propertyName(name)}${optional}: ${staticType(type, comma, indent)}${orNull};\n`;
}

/** What code may give for a type. `comma` lists may also be given as they are sent. */
function staticType(type: InputType, comma: boolean, indent: string): string {
  switch (type.kind) {
    case "integer":
    case "number":
    case "iid":
      return "number";
    case "boolean":
      return "boolean";
    case "reference":
      return "string | number";
    case "text":
      return type.numeric ? "string | number" : "string";
    case "date":
    case "dateTime":
      return "string";
    case "file":
      return "FileInput";
    case "value":
      return "string | number | boolean | readonly (string | number | boolean)[]";
    case "choice":
    case "integerChoice":
      return type.values.map(data).join(" | ");
    case "list":
    case "array": {
      const item = staticType(type.item, false, indent);
      return `${comma ? "string | " : ""}readonly ${/ [|] |^readonly /.test(item) ? `(${item})` : item}[]`;
    }
    case "object": {
      const inner = `${indent}  `;
      return `{\n${type.properties.map((member) => property(member, comma, inner)).join("")}${indent}}`;
    }
    case "record":
      return readonlyRecord(staticType(type.value, false, indent));
  }
}

const readonlyRecord = (value: string): string => `Readonly<Record<string, ${value}>>`;

/** TSDoc of a parameter: what the manifest says, then format, bounds and GitLab's default. */
function documentation(type: InputType): string {
  const { description } = type.facts;
  const said = description && (/[.!?]$/.test(description) ? description : `${description}.`);
  const sentences = [said, formatOf(type), boundsOf(type.facts), defaultOf(type.facts)];
  return sentences.filter((part) => part !== undefined && part !== "").join(" ");
}

function formatOf(type: InputType): string | undefined {
  switch (type.kind) {
    case "dateTime":
      return "ISO 8601 date and time.";
    case "date":
      return "Date `YYYY-MM-DD`.";
    case "reference":
      return type.facts.description === undefined ? "Number, path or web URL." : undefined;
    case "iid":
      return "The number that people see, not the global id.";
    default:
      return undefined;
  }
}

function boundsOf({ minimum, maximum, minLength, maxLength, minItems, maxItems }: Facts): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `At least ${minimum}.`;
  if (maximum !== undefined) return `At most ${maximum}.`;
  if (maxLength !== undefined) return `At most ${maxLength} characters.`;
  if (minItems !== undefined && maxItems !== undefined) return `From ${minItems} to ${maxItems} items.`;
  if (maxItems !== undefined) return `At most ${maxItems} items.`;
  if (minItems !== undefined) return `At least ${minItems} item${minItems === 1 ? "" : "s"}.`;
  return minLength !== undefined && minLength > 1 ? `At least ${minLength} characters.` : undefined;
}

function defaultOf({ default: assumed }: Facts): string | undefined {
  return assumed === undefined ? undefined : `GitLab's default: \`${String(assumed)}\`.`;
}

import { StructureKind, Writers, type OptionalKind, type PropertySignatureStructure } from "ts-morph";
import type { InterfaceDeclarationStructure, TypeAliasDeclarationStructure } from "ts-morph";
import type { Facts, InputType, ParameterModel, ToolModel } from "../model.js";
import { data, docs, exportedType, propertyName, source, type Source } from "./source.js";

/** The type of a tool's input, for code. */
export function inputDeclaration(
  name: string,
  tool: ToolModel,
): InterfaceDeclarationStructure | TypeAliasDeclarationStructure {
  const about = `Input of {@link ${tool.functionName}}.`;
  // An empty interface would let every property pass.
  if (tool.parameters.length === 0) return exportedType(name, readonlyRecord("never"), about);
  const properties = tool.parameters.map((parameter) => property(parameter, parameter.list === "comma"));
  return { kind: StructureKind.Interface, isExported: true, name, docs: docs(about), properties };
}

type Property = Pick<ParameterModel, "name" | "required" | "type">;

function property({ name, required, type }: Property, comma: boolean): OptionalKind<PropertySignatureStructure> {
  return {
    name: propertyName(name),
    hasQuestionToken: !required,
    type: staticType(type, comma),
    docs: docs(documentation(type)),
  };
}

/** What code may give for a type. `comma` lists may also be given as they are sent. */
function staticType(type: InputType, comma: boolean): Source {
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
    case "value":
      return "string | number | boolean | readonly (string | number | boolean)[]";
    case "choice":
    case "integerChoice":
      return type.values.map(data).join(" | ");
    case "list":
    case "array":
      return source(comma ? "string | " : "", "readonly (", staticType(type.item, false), ")[]");
    case "object":
      return Writers.objectType({ properties: type.properties.map((member) => property(member, comma)) });
    case "record":
      return readonlyRecord(staticType(type.value, false));
  }
}

const readonlyRecord = (value: Source): Source => source("Readonly<Record<string, ", value, ">>");

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

function boundsOf({ minimum, maximum, minLength, maxLength }: Facts): string | undefined {
  if (minimum !== undefined && maximum !== undefined) return `From ${minimum} to ${maximum}.`;
  if (minimum !== undefined) return `At least ${minimum}.`;
  if (maximum !== undefined) return `At most ${maximum}.`;
  if (maxLength !== undefined) return `At most ${maxLength} characters.`;
  return minLength !== undefined && minLength > 1 ? `At least ${minLength} characters.` : undefined;
}

function defaultOf({ default: assumed }: Facts): string | undefined {
  return assumed === undefined ? undefined : `GitLab's default: \`${String(assumed)}\`.`;
}

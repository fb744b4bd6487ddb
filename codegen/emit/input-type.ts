import ts from "typescript";
import type { Facts, InputType, ParameterModel, ToolModel } from "../model.js";
import { data, documented, exportedType, propertyName, union } from "./syntax.js";

const { factory } = ts;
const keyword = {
  string: factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword),
  number: factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword),
  boolean: factory.createKeywordTypeNode(ts.SyntaxKind.BooleanKeyword),
};
const scalar = [keyword.string, keyword.number, keyword.boolean];

/** The type of a tool's input, for code. */
export function inputDeclaration(name: string, tool: ToolModel): ts.Statement {
  const modifiers = [factory.createModifier(ts.SyntaxKind.ExportKeyword)];
  // An empty interface would let every property pass.
  if (tool.parameters.length === 0) {
    const never = factory.createKeywordTypeNode(ts.SyntaxKind.NeverKeyword);
    return exportedType(name, readonlyRecord(never));
  }
  const members = tool.parameters.map((parameter) => member(parameter, parameter.list === "comma"));
  return factory.createInterfaceDeclaration(modifiers, name, undefined, undefined, members);
}

function readonlyRecord(value: ts.TypeNode): ts.TypeNode {
  return factory.createTypeReferenceNode("Readonly", [
    factory.createTypeReferenceNode("Record", [keyword.string, value]),
  ]);
}

function member(parameter: Pick<ParameterModel, "name" | "required" | "type">, comma: boolean): ts.PropertySignature {
  const { name, required, type } = parameter;
  const question = required ? undefined : factory.createToken(ts.SyntaxKind.QuestionToken);
  const signature = factory.createPropertySignature(undefined, propertyName(name), question, staticType(type, comma));
  return documented(signature, documentation(type));
}

/** What code may give for a type. `comma` lists may also be given as they are sent. */
function staticType(type: InputType, comma: boolean): ts.TypeNode {
  switch (type.kind) {
    case "integer":
    case "number":
    case "iid":
      return keyword.number;
    case "boolean":
      return keyword.boolean;
    case "reference":
      return union([keyword.string, keyword.number]);
    case "text":
      return type.numeric ? union([keyword.string, keyword.number]) : keyword.string;
    case "date":
    case "dateTime":
      return keyword.string;
    case "value":
      return union([...scalar, readonlyArray(union(scalar))]);
    case "choice":
      return union(type.values.map(literal));
    case "integerChoice":
      return union(type.values.map(literal));
    case "list":
    case "array": {
      const list = readonlyArray(staticType(type.item, false));
      return comma ? union([keyword.string, list]) : list;
    }
    case "object":
      return factory.createTypeLiteralNode(type.properties.map((property) => member(property, comma)));
    case "record":
      return readonlyRecord(staticType(type.value, false));
  }
}

function literal(value: string | number): ts.TypeNode {
  const expression = data(value);
  return factory.createLiteralTypeNode(expression as ts.LiteralTypeNode["literal"]);
}

function readonlyArray(item: ts.TypeNode): ts.TypeNode {
  const element = ts.isUnionTypeNode(item) ? factory.createParenthesizedType(item) : item;
  return factory.createTypeOperatorNode(ts.SyntaxKind.ReadonlyKeyword, factory.createArrayTypeNode(element));
}

/** TSDoc of a parameter: what the manifest says, then format, bounds and GitLab's default. */
function documentation(type: InputType): string[] {
  const { description } = type.facts;
  const said = description && (/[.!?]$/.test(description) ? description : `${description}.`);
  const sentences = [said, formatOf(type), boundsOf(type.facts), defaultOf(type.facts)].filter(
    (part) => part !== undefined && part !== "",
  );
  return sentences.length === 0 ? [] : [sentences.join(" ")];
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

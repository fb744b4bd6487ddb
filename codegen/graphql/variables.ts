import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type TypeNode,
} from "graphql";
import type { Needs } from "../../src/definition/graphql-call.js";
import { camelCase } from "../../src/tools/graphql/names.js";
import { snakeCase } from "../../src/views/fold.js";
import type { Facts, InputType, PropertyModel } from "../model.js";
import type { NeedsOf } from "./parts.js";
import { needsWhere, type Schemas } from "./schema.js";
import type { GraphQLText } from "./text.js";

/** A variable of a text, or a member of one that is an object, as a parameter of a tool. */
export interface Variable {
  /** Its path: `state`, `input.labelsWidget.labelIds`. */
  readonly wire: string;
  readonly required: boolean;
  readonly type: InputType;
  /** It takes global ids, which may lead anywhere. */
  readonly isId: boolean;
  readonly needs: Needs;
}

const leastFirst: Facts = { minimum: 1, maximum: 100 };

/** Objects whose members are parameters of their own, where the manifest names them: mutations' inputs and filters. */
const opened: ReadonlySet<string> = new Set(["input", "not", "or"]);

/** The variables of a text, by path; of those that are opened the members, at any depth. */
export function variablesOf({ operation }: GraphQLText, schemas: Schemas, needsOf: NeedsOf): Map<string, Variable> {
  const found = new Map<string, Variable>();
  for (const definition of operation.variableDefinitions ?? []) {
    const { variable, type: node, defaultValue } = definition;
    const type = inputTypeOf(schemas.whole, node);
    const name = variable.name.value;
    if (!type) continue;
    const assumed = defaultValue && "value" in defaultValue ? fact(type, defaultValue.value) : undefined;
    const facts = { ...(name === "first" && leastFirst), ...(assumed !== undefined && { default: assumed }) };
    if (opened.has(name)) members(type, name, isNonNullType(type), 0);
    else add(name, type, isNonNullType(type) && defaultValue === undefined, facts, needsOf(definition));
  }
  return found;

  function add(wire: string, type: GraphQLInputType, required: boolean, facts: Facts, needs: Needs): void {
    const isId = /.ID$/.test(getNamedType(type).name);
    found.set(wire, { wire, required, type: withFacts(typeOf(type), facts), isId, needs });
  }

  function members(type: GraphQLInputType, path: string, required: boolean, depth: number): void {
    const named = getNamedType(type);
    if (!isInputObjectType(named) || depth > 4) return;
    for (const { name, type: inner } of Object.values(named.getFields())) {
      const wire = `${path}.${name}`;
      const needed = required && isNonNullType(inner);
      add(
        wire,
        inner,
        needed,
        {},
        needsWhere(schemas, ({ schema }) => isKnown(schema, wire)),
      );
      if (!isListType(getNullableType(inner))) members(inner, wire, needed, depth + 1);
    }
  }

  function isKnown(schema: GraphQLSchema, wire: string): boolean {
    const [root = "", ...steps] = wire.split(".");
    const definition = operation.variableDefinitions?.find((one) => one.variable.name.value === root);
    let type = definition && inputTypeOf(schema, definition.type);
    for (const step of steps) {
      const named = type && getNamedType(type);
      type = isInputObjectType(named) ? named.getFields()[step]?.type : undefined;
    }
    return type !== undefined;
  }
}

function inputTypeOf(schema: GraphQLSchema, node: TypeNode): GraphQLInputType | undefined {
  const type = typeFromAST(schema, node);
  return isInputType(type) ? type : undefined;
}

function typeOf(type: GraphQLInputType): InputType {
  const plain = getNullableType(type);
  if (isListType(plain)) {
    const item = typeOf(plain.ofType);
    return { kind: item.kind === "object" ? "array" : "list", item, facts: {} };
  }
  if (isEnumType(plain)) {
    const [first = "", ...others] = plain.getValues().map(({ name }) => name);
    return { kind: "choice", values: [first, ...others], facts: {} };
  }
  if (isInputObjectType(plain)) {
    const properties = Object.values(plain.getFields()).flatMap(({ name, type: inner }): PropertyModel[] => {
      // Global ids in it could not be held to an allow-list; and a name has to come back as it was.
      if (/.ID$/.test(getNamedType(inner).name) || camelCase(snakeCase(name)) !== name) return [];
      return [{ name: snakeCase(name), required: isNonNullType(inner), type: typeOf(inner) }];
    });
    return { kind: "object", properties, facts: {} };
  }
  switch (plain.name) {
    case "Int":
      return { kind: "integer", facts: {} };
    case "Float":
      return { kind: "number", facts: {} };
    case "Boolean":
      return { kind: "boolean", facts: {} };
    case "Time":
      return { kind: "dateTime", facts: {} };
    case "Date":
      return { kind: "date", facts: {} };
    default:
      return { kind: "text", facts: {} };
  }
}

const withFacts = (type: InputType, facts: Facts): InputType => ({ ...type, facts: { ...type.facts, ...facts } });

function fact(type: GraphQLInputType, value: string | boolean): Facts["default"] {
  const { name } = getNamedType(type);
  return name === "Int" || name === "Float" ? Number(value) : value;
}

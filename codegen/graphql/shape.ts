import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";
import type { Needs } from "../../src/definition/graphql-call.js";
import type { NeedsOf } from "./parts.js";
import type { GraphQLText } from "./text.js";

/** What a text brings back, as far as its types and views go. */
export type Shape = { readonly nullable: boolean } & (
  | { readonly kind: "scalar"; readonly type: string }
  | { readonly kind: "list"; readonly item: Shape }
  /** Several where the type says only what all of its kinds have in common. */
  | { readonly kind: "object"; readonly variants: readonly Members[] }
);

/** `optional`: some instances lack it. */
export interface Member {
  readonly shape: Shape;
  readonly optional: boolean;
}

export type Members = Readonly<Record<string, Member>>;

const scalars: Readonly<Record<string, string>> = { Int: "number", Float: "number", Boolean: "boolean" };

/** The shape of all that a text brings back; `enums` gathers those that it names. */
export function shapeOf(
  { document, operation, isMutation }: GraphQLText,
  schema: GraphQLSchema,
  needsOf: NeedsOf,
  enums: Set<string>,
): Shape {
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  );
  const root = isMutation ? schema.getMutationType() : schema.getQueryType();
  if (!root) throw new Error("The schema has no such operations.");
  const context: ShapeContext = { schema, fragments, needsOf, enums };
  return {
    kind: "object",
    nullable: false,
    variants: [membersOf(context, root, [{ set: operation.selectionSet, needs: needsOf(operation) }])],
  };
}

interface ShapeContext {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly needsOf: NeedsOf;
  readonly enums: Set<string>;
}

/** A part of a text, with what an instance needs for it to be there at all. */
interface Part {
  readonly set: SelectionSetNode;
  readonly needs: Needs;
}

function shapeOfType(context: ShapeContext, type: GraphQLOutputType, sets: readonly Part[]): Shape {
  if (isNonNullType(type)) return { ...shapeOfType(context, type.ofType, sets), nullable: false };
  if (isListType(type)) return { kind: "list", nullable: true, item: shapeOfType(context, type.ofType, sets) };
  const named = getNamedType(type);
  if (isObjectType(named)) return { kind: "object", nullable: true, variants: [membersOf(context, named, sets)] };
  if (isAbstractType(named)) {
    const all = context.schema.getPossibleTypes(named).map((one) => membersOf(context, one, sets));
    const unlike = new Map(all.map((members) => [JSON.stringify(members), members]));
    return { kind: "object", nullable: true, variants: [...unlike.values()] };
  }
  if (!isEnumType(named)) return { kind: "scalar", nullable: true, type: scalars[named.name] ?? "string" };
  context.enums.add(named.name);
  return { kind: "scalar", nullable: true, type: `graphql.${named.name}` };
}

/** The fields of an object, gathered from all selections and fragments that are about its type. */
function membersOf(context: ShapeContext, type: GraphQLObjectType, parts: readonly Part[]): Members {
  const found = new Map<string, { name: string; parts: Part[]; optional: boolean }>();
  const gather = ({ set, needs: outer }: Part, optional: boolean): void => {
    for (const one of set.selections) {
      const needs = context.needsOf(one);
      const isConditional = one.directives?.some(({ name }) => name.value === "include" || name.value === "skip");
      const lacks = needs.since !== outer.since || needs.enterprise !== outer.enterprise;
      if (one.kind === Kind.FIELD) {
        const key = one.alias?.value ?? one.name.value;
        const known = found.get(key);
        const isOptional = optional || isConditional === true || lacks;
        found.set(key, {
          name: one.name.value,
          parts: [...(known?.parts ?? []), ...(one.selectionSet ? [{ set: one.selectionSet, needs }] : [])],
          optional: isOptional && (known?.optional ?? true),
        });
        continue;
      }
      const part = one.kind === Kind.FRAGMENT_SPREAD ? context.fragments.get(one.name.value) : one;
      const condition = part?.typeCondition?.name.value;
      if (!part || !concerns(context.schema, condition, type)) continue;
      // Where an instance has the type, it has what it needs.
      const ofType = condition === type.name ? needs : outer;
      gather({ set: part.selectionSet, needs: ofType }, optional || isConditional === true);
    }
  };
  for (const part of parts) gather(part, false);
  const fields = type.getFields();
  return Object.fromEntries(
    [...found].flatMap(([key, { name, parts: inner, optional }]): [string, Member][] => {
      const field = fields[name];
      return field ? [[key, { optional, shape: shapeOfType(context, field.type, inner) }]] : [];
    }),
  );
}

function concerns(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const abstract = schema.getType(condition);
  return isAbstractType(abstract) && schema.isSubType(abstract, type);
}

/** Where a shape is found in another by a path: see `pick` of src/tools/graphql/answer.ts. */
export function shapeAt(shape: Shape, path: string): Shape | undefined {
  let found: Shape | undefined = shape;
  for (const step of path.split(".")) {
    if (found?.kind === "list") found = found.item;
    if (found?.kind !== "object") return undefined;
    const names = step.split("|");
    const members: Members[] = [...found.variants];
    found = members.flatMap((one) => names.flatMap((name) => one[name]?.shape ?? []))[0];
  }
  return found;
}

/** The items of a connection, or undefined for what is none. */
export function nodesOf(shape: Shape): Shape | undefined {
  if (shape.kind !== "object" || shape.variants.length !== 1) return undefined;
  const nodes = shape.variants[0]?.["nodes"]?.shape;
  return nodes?.kind === "list" ? nodes.item : undefined;
}

/** A shape as a type of TypeScript. */
export function typeOf(shape: Shape, indent = ""): string {
  const plain = plainType(shape, indent);
  return shape.nullable ? `${plain} | null` : plain;
}

function plainType(shape: Shape, indent: string): string {
  if (shape.kind === "scalar") return shape.type;
  if (shape.kind === "list") {
    const item = typeOf(shape.item, indent);
    return / [|] /.test(item) ? `(${item})[]` : `${item}[]`;
  }
  const inner = `${indent}  `;
  return shape.variants
    .map((members) => {
      const lines = Object.entries(members).map(
        ([name, { optional, shape: member }]) => `${inner}${name}${optional ? "?" : ""}: ${typeOf(member, inner)};\n`,
      );
      return lines.length === 0 ? "Record<string, never>" : `{\n${lines.join("")}${indent}}`;
    })
    .join(" | ");
}

/**
 * What of GitLab's GraphQL schema an instance has, and what of a text it understands. The schema follows the build: a
 * Community build lacks what spec/graphql/schema.graphql marks `@ee` or `@tier`, an older version what it marks with a
 * later `@since` or `@experiment(since:)`; one field that is lacking fails the whole text.
 */
import {
  buildASTSchema,
  getNamedType,
  isEnumType,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ASTNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  type TypeNode,
} from "graphql";

/** An instance, as `GET /metadata` describes it. */
export interface GitLabBuild {
  /** Such as `"18.11"` or `"19.2.4-ee"`. */
  readonly version: string;
  /** Whether it is an Enterprise build, whatever the plan. */
  readonly enterprise: boolean;
}

/**
 * The schema of a build, from the text of spec/graphql/schema.graphql, which is checked; or from the parsed text, which
 * has been.
 */
export function schemaOf(definitions: string | DocumentNode, build: GitLabBuild): GraphQLSchema {
  const isChecked = typeof definitions !== "string";
  let document = withoutMarked(isChecked ? definitions : parse(definitions, { noLocation: true }), build);
  // A field whose type has gone goes with it, and so may the type around it.
  for (let size = -1; size !== document.definitions.length;) {
    size = document.definitions.length;
    document = withoutDangling(document);
  }
  return buildASTSchema(document, { assumeValidSDL: isChecked });
}

/**
 * The part of a text that a schema understands; undefined when nothing of it is left, as for epics on a Community build.
 *
 * @param document a text that is valid for the whole schema
 * @param schema the schema of the instance: see {@link schemaOf}
 */
export function textFor(document: DocumentNode, schema: GraphQLSchema): DocumentNode | undefined {
  const info = new TypeInfo(schema);
  const known = visit(
    document,
    visitWithTypeInfo(info, {
      Field: {
        enter: ({ name }) => (info.getFieldDef() || name.value.startsWith("__") ? undefined : null),
        leave: ({ selectionSet }) => (selectionSet?.selections.length === 0 ? null : undefined),
      },
      Argument: () => (info.getArgument() || info.getDirective() ? undefined : null),
      EnumValue: ({ value }) => {
        const type = getNamedType(info.getInputType());
        return isEnumType(type) && type.getValue(value) === undefined ? null : undefined;
      },
      InlineFragment: {
        enter: ({ typeCondition }) => (lacks(schema, typeCondition?.name.value) ? null : undefined),
        leave: ({ selectionSet }) => (selectionSet.selections.length === 0 ? null : undefined),
      },
      FragmentDefinition: {
        enter: ({ typeCondition }) => (lacks(schema, typeCondition.name.value) ? null : undefined),
        leave: ({ selectionSet }) => (selectionSet.selections.length === 0 ? null : undefined),
      },
      // Whether a variable's type is known does not matter here: one that is used nowhere is left out below.
      VariableDefinition: () => false,
    }),
  );
  const text = withoutUnused(withoutEmptySpreads(known));
  const isWhole = text.definitions.some(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.selectionSet.selections.length > 0,
  );
  return isWhole ? text : undefined;
}

const lacks = (schema: GraphQLSchema, type: string | undefined): boolean =>
  type !== undefined && schema.getType(type) === undefined;

function withoutMarked(document: DocumentNode, build: GitLabBuild): DocumentNode {
  return visit(document, {
    enter: (node: ASTNode) =>
      "directives" in node && node.directives?.some((mark) => isBeyond(mark as ConstDirectiveNode, build)) === true
        ? null
        : undefined,
  });
}

function isBeyond({ name, arguments: args = [] }: ConstDirectiveNode, build: GitLabBuild): boolean {
  if (name.value === "ee" || name.value === "tier") return !build.enterprise;
  if (name.value !== "since" && name.value !== "experiment") return false;
  const [argument] = args;
  return argument?.value.kind === Kind.STRING && isOlder(build.version, argument.value.value);
}

/** Whether `18.11.2-ee` is a version before that one. */
export function isOlder(version: string, required: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map((part) => parseInt(part, 10));
  const [requiredMajor = 0, requiredMinor = 0] = required.split(".").map(Number);
  return major < requiredMajor || (major === requiredMajor && minor < requiredMinor);
}

const builtIn = new Set(["ID", "String", "Int", "Float", "Boolean"]);

function withoutDangling(document: DocumentNode): DocumentNode {
  const known = new Set(builtIn);
  for (const definition of document.definitions) {
    if ("name" in definition && definition.name !== undefined) known.add(definition.name.value);
  }
  const isGone = (type: TypeNode): boolean =>
    type.kind === Kind.NAMED_TYPE ? !known.has(type.name.value) : isGone(type.type);
  const dropped = visit(document, {
    FieldDefinition: ({ type }) => (isGone(type) ? null : undefined),
    InputValueDefinition: ({ type }) => (isGone(type) ? null : undefined),
    NamedType: ({ name }, _key, parent) => (Array.isArray(parent) && !known.has(name.value) ? null : undefined),
  });
  return {
    ...dropped,
    definitions: dropped.definitions.filter(
      (definition) => !("fields" in definition) || definition.fields === undefined || definition.fields.length > 0,
    ),
  };
}

function withoutEmptySpreads(document: DocumentNode): DocumentNode {
  const fragments = new Set(
    document.definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [one.name.value] : [])),
  );
  const isEmpty = ({ selections }: { readonly selections: readonly unknown[] }): boolean => selections.length === 0;
  const next = visit(document, {
    FragmentSpread: ({ name }) => (fragments.has(name.value) ? undefined : null),
    Field: { leave: ({ selectionSet }) => (selectionSet && isEmpty(selectionSet) ? null : undefined) },
    InlineFragment: { leave: ({ selectionSet }) => (isEmpty(selectionSet) ? null : undefined) },
    FragmentDefinition: { leave: ({ selectionSet }) => (isEmpty(selectionSet) ? null : undefined) },
  });
  return next.definitions.length === document.definitions.length ? next : withoutEmptySpreads(next);
}

/** Leaves out fragments and variables that nothing uses any more: GitLab refuses a text with them. */
function withoutUnused(document: DocumentNode): DocumentNode {
  const spread = new Set<string>();
  visit(document, { FragmentSpread: ({ name }) => void spread.add(name.value) });
  const next: DocumentNode = {
    ...document,
    definitions: document.definitions.filter(
      (one) => one.kind !== Kind.FRAGMENT_DEFINITION || spread.has(one.name.value),
    ),
  };
  if (next.definitions.length < document.definitions.length) return withoutUnused(next);
  const variables = new Set<string>();
  visit(next, { VariableDefinition: () => false, Variable: ({ name }) => void variables.add(name.value) });
  return visit(next, {
    VariableDefinition: ({ variable }) => (variables.has(variable.name.value) ? false : null),
  });
}

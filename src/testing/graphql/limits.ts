import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

type Variables = Readonly<Record<string, unknown>>;

/** Fields whose own cost is higher: https://docs.gitlab.com/development/api_graphql_styleguide/#complexity */
const dear: ReadonlySet<string> = new Set(["parent", "children", "ancestors", "linkedItems"]);

/** What a text costs by GitLab's rules, as far as they are known, and how deep it goes. */
export function measure(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): { readonly score: number; readonly depth: number } {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);

  const argument = (field: FieldNode, name: string): unknown => {
    const value = field.arguments?.find((one) => one.name.value === name)?.value;
    if (value?.kind === Kind.VARIABLE) return variables[value.name.value];
    return value?.kind === Kind.INT ? Number(value.value) : value?.kind === Kind.NULL ? null : value;
  };

  const fieldCost = (field: FieldNode, parent: GraphQLCompositeType): { score: number; depth: number } => {
    const definition = "getFields" in parent ? parent.getFields()[field.name.value] : undefined;
    const type = getNamedType(definition?.type);
    const inner =
      field.selectionSet && isCompositeType(type) ? setCost(field.selectionSet, type) : { score: 0, depth: 0 };
    const own = dear.has(field.name.value) && parent.name.startsWith("WorkItemWidget") ? 5 : 1;
    const isList = definition?.args.some(({ name }) => name === "first") === true;
    if (!isList) return { score: own + inner.score, depth: inner.depth + 1 };
    const first = argument(field, "first");
    const nodes = Math.min(typeof first === "number" ? first : 100, 100);
    const sorted = argument(field, "sort") == null ? 0 : 1;
    const searched = argument(field, "search") == null ? 0 : 5;
    const score = own + 1 + sorted + searched + inner.score;
    return { score: Math.floor(score * (1 + nodes / 100)), depth: inner.depth + 1 };
  };

  /** Fields add up; of fragments on different types only the dearest counts, since an object is of one of them. */
  const setCost = (set: SelectionSetNode, parent: GraphQLCompositeType): { score: number; depth: number } => {
    let score = 0;
    let depth = 0;
    const byType = new Map<string, number>();
    const visit = (selections: SelectionSetNode, on: GraphQLCompositeType): void => {
      for (const selection of selections.selections) {
        if (selection.kind === Kind.FIELD) {
          const cost = fieldCost(selection, on);
          depth = Math.max(depth, cost.depth);
          if (on === parent || !isAbstractType(parent)) score += cost.score;
          else byType.set(on.name, (byType.get(on.name) ?? 0) + cost.score);
          continue;
        }
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        const name = fragment?.typeCondition?.name.value;
        const type = name === undefined ? on : schema.getType(name);
        if (fragment !== undefined && isCompositeType(type)) visit(fragment.selectionSet, type);
      }
    };
    visit(set, parent);
    return { score: score + Math.max(0, ...byType.values()), depth };
  };

  const root = operation.operation === OperationTypeNode.MUTATION ? schema.getMutationType() : schema.getQueryType();
  return root === null || root === undefined ? { score: 0, depth: 0 } : setCost(operation.selectionSet, root);
}

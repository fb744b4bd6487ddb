import {
  Kind,
  print,
  stripIgnoredCharacters,
  visit,
  type ArgumentNode,
  type ASTNode,
  type DefinitionNode,
  type DirectiveNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
} from "graphql";
import { textFor } from "../../src/graphql-editions.js";
import type { Needs, TextPart } from "../../src/definition/graphql-call.js";
import { needsWhere, type Schemas } from "./schema.js";
import type { GraphQLText } from "./text.js";

/** What each node of a text needs of an instance. */
export type NeedsOf = (node: ASTNode) => Needs;

/** The nodes that a text loses where an instance lacks something. */
const losable = new Set<string>([
  Kind.FIELD,
  Kind.ARGUMENT,
  Kind.VARIABLE_DEFINITION,
  Kind.FRAGMENT_SPREAD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_DEFINITION,
  Kind.OPERATION_DEFINITION,
  Kind.ENUM,
]);

/** Finds out, by cutting the text to every version and edition, which of its nodes each of them has. */
export function needsIn({ document }: GraphQLText, schemas: Schemas): NeedsOf {
  const kept = new Map(
    schemas.editions.map((edition) => {
      const nodes = new Set<string>();
      const text = textFor(document, edition.schema);
      if (text)
        visit(text, {
          enter(node) {
            if (losable.has(node.kind)) nodes.add(keyOf(node));
          },
        });
      return [edition, nodes];
    }),
  );
  return (node) => {
    const key = keyOf(node);
    return needsWhere(schemas, (edition) => kept.get(edition)?.has(key) === true);
  };
}

/** Nodes are told apart by where they stand, which a text that is cut keeps. */
const keyOf = ({ kind, loc }: ASTNode): string => `${kind} ${loc?.start ?? -1}`;

/** A text as parts that are put together for an instance. */
export function partsOf({ document }: GraphQLText, needsOf: NeedsOf): TextPart[] {
  const written: { text: string; needs: Needs }[] = [];
  const write = (text: string, needs: Needs): void => {
    const last = written.at(-1);
    if (last && same(last.needs, needs)) last.text += joins(last.text, text) ? ` ${text}` : text;
    // What stands before may be left out: names must not run together whatever does.
    else written.push({ text: last && /^[\w$.]/.test(text) ? ` ${text}` : text, needs });
  };

  function definition(node: DefinitionNode): void {
    if (node.kind === Kind.FRAGMENT_DEFINITION) {
      const needs = needsOf(node);
      write(`fragment ${node.name.value} on ${node.typeCondition.name.value}`, needs);
      selections(node.selectionSet, needs);
    } else if (node.kind === Kind.OPERATION_DEFINITION) {
      const needs = needsOf(node);
      write(`${node.operation} ${node.name?.value ?? ""}`.trim(), needs);
      inBrackets("()", node.variableDefinitions ?? [], variable);
      selections(node.selectionSet, needs);
    }
  }

  function variable({ variable: { name }, type, defaultValue }: VariableDefinitionNode, needs: Needs): void {
    write(`$${name.value}:${print(type)}${defaultValue ? `=${plain(defaultValue)}` : ""}`, needs);
  }

  function selections(set: SelectionSetNode, needs: Needs): void {
    write("{", needs);
    for (const one of set.selections) selection(one);
    write("}", needs);
  }

  function selection(node: SelectionNode): void {
    const needs = needsOf(node);
    if (node.kind === Kind.FIELD) {
      write(`${node.alias ? `${node.alias.value}:` : ""}${node.name.value}`, needs);
      inBrackets("()", node.arguments ?? [], argument);
    } else if (node.kind === Kind.FRAGMENT_SPREAD) write(`...${node.name.value}`, needs);
    else write(`...${node.typeCondition ? `on ${node.typeCondition.name.value}` : ""}`, needs);
    for (const directive of node.directives ?? []) directed(directive, needs);
    if ("selectionSet" in node && node.selectionSet) selections(node.selectionSet, needs);
  }

  function directed({ name, arguments: args = [] }: DirectiveNode, needs: Needs): void {
    const values = args.map((one) => `${one.name.value}:${plain(one.value)}`);
    write(`@${name.value}${values.length > 0 ? `(${values.join(" ")})` : ""}`, needs);
  }

  function argument({ name, value }: ArgumentNode, needs: Needs): void {
    write(`${name.value}:`, needs);
    if (value.kind !== Kind.LIST) return write(plain(value), needs);
    write("[", needs);
    for (const item of value.values) write(plain(item), item.kind === Kind.ENUM ? needsOf(item) : needs);
    write("]", needs);
  }

  /** Brackets stand where any of what is in them does: GitLab refuses empty ones. */
  function inBrackets<Node extends ASTNode>(
    [open = "", close = ""]: string,
    nodes: readonly Node[],
    each: (node: Node, needs: Needs) => void,
  ): void {
    const [first, ...others] = nodes.map(needsOf);
    if (!first) return;
    const least = others.reduce(lesser, first);
    write(open, least);
    for (const node of nodes) each(node, needsOf(node));
    write(close, least);
  }

  for (const one of document.definitions) definition(one);
  return written.map(({ text, needs }) => (needs.since === undefined && !needs.enterprise ? text : { text, ...needs }));
}

const plain = (value: ValueNode): string => stripIgnoredCharacters(print(value));
const same = (a: Needs, b: Needs): boolean => a.since === b.since && a.enterprise === b.enterprise;
const joins = (before: string, after: string): boolean => /[\w$]$/.test(before) && /^[\w$.]/.test(after);

/** Less of the two; where neither is less than the other, what both allow. */
function lesser(a: Needs, b: Needs): Needs {
  const since = a.since === undefined || b.since === undefined ? undefined : earlier(a.since, b.since);
  return { ...(since !== undefined && { since }), ...(a.enterprise && b.enterprise && { enterprise: true as const }) };
}

function earlier(a: string, b: string): string {
  const [[aMajor = 0, aMinor = 0], [bMajor = 0, bMinor = 0]] = [a.split(".").map(Number), b.split(".").map(Number)];
  return aMajor < bMajor || (aMajor === bMajor && aMinor <= bMinor) ? a : b;
}

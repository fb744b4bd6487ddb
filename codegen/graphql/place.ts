import { Kind, visit } from "graphql";
import type { GraphQLText } from "./text.js";

export type PlaceKind = "project" | "group";

const both: readonly PlaceKind[] = ["project", "group"];

/**
 * What a call's place may be: a `namespace` of a text is a project or a group. A text without a path has a place where
 * something in it is found by name.
 */
export function placesOf({ document, operation }: GraphQLText, isPlaced: boolean): readonly PlaceKind[] {
  const found = new Set<string>();
  visit(document, {
    Field({ name, arguments: args = [] }) {
      if (args.some(({ name: own, value }) => own.value === "fullPath" && value.kind === Kind.VARIABLE))
        found.add(name.value);
    },
  });
  const takesInput = operation.variableDefinitions?.some(({ variable }) => variable.name.value === "input") === true;
  if (found.has("namespace") || (takesInput && isPlaced)) return both;
  return both.filter((kind) => found.has(kind));
}

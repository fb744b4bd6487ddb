import { snakeCase } from "../../src/views/fold.js";
import { suggestion } from "../suggestion.js";
import { nodesOf, type Members, type Shape } from "./shape.js";

/** Says what is wrong with a path of the compact view, or nothing. The view is of the folded answer: see src/views/fold.ts. */
export function graphqlViewProblem(shape: Shape, path: string): string | undefined {
  const [fields = ""] = path.split("?");
  let found = unlisted(shape);
  let walked = "the answer";
  const segments = fields.split(".");
  for (const [index, segment] of segments.entries()) {
    const name = segment.replace(/\[\]$/, "");
    const members = foldedMembers(found);
    const next = members.get(name);
    if (next === undefined) return `"${path}": ${walked} has no field "${name}"${suggestion(name, members.keys())}`;
    const isList = next.kind === "list" || nodesOf(next) !== undefined;
    const whole = isList && index === segments.length - 1;
    if (isList !== segment.endsWith("[]") && !whole)
      return isList
        ? `"${path}": "${name}" is a list; write "${name}[]"`
        : `"${path}": "${name}" is not a list; write "${name}"`;
    walked = `"${segment}"`;
    found = unlisted(next);
  }
  return undefined;
}

function unlisted(shape: Shape): Shape {
  const items = nodesOf(shape) ?? (shape.kind === "list" ? shape.item : undefined);
  return items === undefined ? shape : unlisted(items);
}

function foldedMembers(shape: Shape): Map<string, Shape> {
  const found = new Map<string, Shape>();
  if (shape.kind !== "object") return found;
  const add = (members: Members): void => {
    for (const [name, { shape: member }] of Object.entries(members))
      if (name === "widgets" && member.kind === "list" && member.item.kind === "object") {
        for (const { type: _, ...widget } of member.item.variants) add(widget);
      } else if (!found.has(snakeCase(name))) found.set(snakeCase(name), member);
  };
  for (const variant of shape.variants) add(variant);
  return found;
}

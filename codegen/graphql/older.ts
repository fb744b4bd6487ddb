import { isObject } from "../../src/is-object.js";
import type { Older, Template } from "../../src/definition/graphql-call.js";
import type { ManifestEntry } from "../manifest-files.js";
import type { TextTool } from "../manifest.js";
import type { ToolModel } from "../model.js";
import type { Problem, ReportAt } from "../problem.js";
import { suggestion } from "../suggestion.js";
import type { Members, Shape } from "./shape.js";

/** Reports what `older` names and its own tool does not have: parameters, and fields of the answer. */
export function checkOlder(
  { input, answer }: Older,
  own: { readonly name: string; readonly parameters: ReadonlyMap<string, unknown>; readonly shape: Shape },
  problem: ReportAt,
): void {
  const { name, parameters, shape } = own;
  for (const given of Object.keys(input))
    if (!parameters.has(given))
      problem(
        ["older", "input", given],
        `${name} has no parameter "${given}"${suggestion(given, parameters.keys())}`,
        "key",
      );
  checkTemplate(answer, shape, ["older", "answer"], problem);
}

function checkTemplate(template: Template, shape: Shape, at: readonly (string | number)[], problem: ReportAt): void {
  if (Array.isArray(template)) {
    const item = shape.kind === "list" ? shape.item : shape;
    for (const [index, one] of (template as readonly Template[]).entries())
      checkTemplate(one, item, [...at, index], problem);
  } else if (isObject(template)) checkFields(template, shape, at, problem);
}

function checkFields(
  fields: { readonly [name: string]: Template },
  shape: Shape,
  at: readonly (string | number)[],
  problem: ReportAt,
): void {
  const { $as } = fields;
  if ($as !== undefined) return checkTemplate($as, shape.kind === "list" ? shape.item : shape, [...at, "$as"], problem);
  if ("$of" in fields) return;
  const variants: readonly Members[] = shape.kind === "object" ? shape.variants : [];
  const known = new Set(variants.flatMap((members) => Object.keys(members)));
  for (const [name, one] of Object.entries(fields)) {
    // Of widgets, the one that has all of the names.
    const fitting = variants.find((members) => Object.keys(fields).every((field) => field in members));
    const member = (fitting ?? variants.find((members) => name in members))?.[name];
    if (member) checkTemplate(one, member.shape, [...at, name], problem);
    else problem([...at, name], `the text asks for no "${name}" there${suggestion(name, known)}`, "key");
  }
}

/** Reports tools, and parameters of tools, that `older` names and that are not there. */
export function checkOlderTools(
  texts: readonly ManifestEntry<TextTool>[],
  byName: ReadonlyMap<string, ToolModel>,
  problem: (problem: Problem) => void,
): void {
  for (const { source, path, tool } of texts) {
    const { older } = tool;
    if (!older) continue;
    const other = byName.get(older.tool);
    if (!other) {
      const reason = `unknown tool "${older.tool}"${suggestion(older.tool, byName.keys())}`;
      problem(source.problem([...path, "older", "tool"], reason));
      continue;
    }
    const known = other.parameters.map(({ name }) => name);
    const check = (name: string, at: readonly string[], part: "key" | "value"): void => {
      if (known.includes(name)) return;
      const reason = `${older.tool} has no parameter "${name}"${suggestion(name, known)}`;
      problem(source.problem([...path, "older", ...at], reason, part));
    };
    for (const name of Object.keys(older.always ?? {})) check(name, ["always", name], "key");
    for (const [name, told] of Object.entries(older.input)) {
      if (typeof told === "string") check(told, ["input", name], "value");
      else
        for (const [word, values] of Object.entries(told))
          if (!isObject(values)) check(word, ["input", name, word], "key");
          else for (const one of Object.keys(values)) check(one, ["input", name, word, one], "key");
    }
  }
}

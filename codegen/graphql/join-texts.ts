import { join } from "node:path";
import { isEnumType } from "graphql";
import type { TextPart } from "../../src/definition/graphql-call.js";
import { listFolder } from "../files.js";
import { levelOf } from "../join.js";
import type { Manifest } from "../manifest-files.js";
import type { ToolModel } from "../model.js";
import { compare, refuse, type Problem } from "../problem.js";
import type { Selection } from "../selection.js";
import { needsIn, partsOf } from "./parts.js";
import { readSchemas } from "./schema.js";
import { readGraphQLText } from "./text.js";
import { joinText } from "./tool.js";

export interface JoinedTexts {
  readonly tools: readonly ToolModel[];
  /** The enumerations that their types name, each with its values. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** The texts by which what people name is found, by the names of their files. */
  readonly lookups: ReadonlyMap<string, readonly TextPart[]>;
}

/** Tools whose texts find names as well. */
const alsoLookups = ["iterations-list.graphql", "work-item-types-list.graphql"];

/**
 * The tools of GraphQL texts.
 *
 * @throws {ProblemsError} with everything that is wrong with the texts, and with what the manifest says of them
 */
export async function joinTexts(root: string, manifest: Manifest, selection: Selection): Promise<JoinedTexts> {
  if (manifest.texts.length === 0) return { tools: [], enums: new Map(), lookups: new Map() };
  const schemas = await readSchemas(root);
  const problems: Problem[] = [];
  const enums = new Set<string>();
  const joined: (ToolModel | undefined)[] = [];
  for (const entry of manifest.texts)
    joined.push(
      await joinText(entry, {
        root,
        schemas,
        enums,
        inherited: manifest.inherited.value,
        level: levelOf(entry, selection),
        problem: (problem) => problems.push(problem),
      }),
    );
  const lookups = new Map<string, readonly TextPart[]>();
  const files = await listFolder(join(root, "spec/graphql"), [".graphql"]);
  for (const file of files.filter((name) => name.startsWith("lookup-") || alsoLookups.includes(name))) {
    const text = await readGraphQLText(root, `spec/graphql/${file}`, schemas);
    if ("problems" in text) problems.push(...text.problems);
    else lookups.set(file.replace(/\.graphql$/, ""), partsOf(text, needsIn(text, schemas)));
  }
  for (const { source, path, tool } of manifest.texts)
    if (tool.lost && !lookups.has(tool.lost.in ?? ""))
      problems.push(
        source.problem([...path, "lost"], '"in" has to be a text spec/graphql/lookup-NAME.graphql, without its ending'),
      );
  refuse(problems);
  const values = [...enums].sort(compare).map((name): [string, string[]] => {
    const type = schemas.whole.getType(name);
    return [name, isEnumType(type) ? type.getValues().map((value) => value.name) : []];
  });
  return { tools: joined.filter((tool) => tool !== undefined), enums: new Map(values), lookups };
}

import { withOwnFinders } from "./finders.js";
import { functionName } from "../src/tools/function-name.js";
import { aliasProblems } from "./aliases.js";
import { answerOf } from "./answer.js";
import type { Corrected } from "./correct.js";
import { areaOf } from "./derive/area.js";
import { nameCandidates } from "./derive/name.js";
import { checkOlderTools } from "./graphql/older.js";
import { withLostPlaces, withOpenEnds } from "./lost.js";
import { noLostCreates, type LostCreates } from "./lost-creates.js";
import type { Manifest, ManifestEntry } from "./manifest-files.js";
import type { AreaModel, Level, Model, ToolModel } from "./model.js";
import { suggestion } from "./suggestion.js";
import { operations, type OpenApiDocument } from "./openapi.js";
import type { Entry } from "./override.js";
import type { OperationPlace } from "./parameter.js";
import { compare, refuse, type Problem } from "./problem.js";
import type { Selection } from "./selection.js";
import { joinTool } from "./tool.js";
import { checkSteps, joinWorkflow } from "./workflow.js";
import { specificationFile } from "./places.js";
import type { Vocabulary } from "./vocabulary.js";

/** What is said about tools beside the specification. */
export interface Said {
  readonly manifest: Manifest;
  readonly vocabulary: Vocabulary;
  readonly selection: Selection;
  /** What becomes of creates whose answers got lost, beside what the manifest says. */
  readonly lost?: LostCreates;
  /** Tools that are made elsewhere: their names are taken, and may be referred to. */
  readonly others?: ReadonlySet<string>;
}

/**
 * Joins the corrected specification and what is said about it into one model: every operation is a tool.
 *
 * @throws {ProblemsError} with everything in the manifest that the specification does not bear out.
 */
export function join(corrected: Corrected, said: Said, texts: readonly ToolModel[] = []): Model {
  const joined = joinTools(corrected, said);
  const { problems, notes, redundant } = joined;
  const { manifest, lost } = said;
  const more: Problem[] = [];
  const all = [...joined.tools, ...texts];
  const tools = lost ? withOpenEnds(lost, all, { problem: (problem) => more.push(problem) }) : all;
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const names = new Set(byName.keys());
  checkOlderTools(manifest.texts, byName, (problem) => more.push(problem));
  refuse([...problems, ...more, ...aliasProblems(manifest, names), ...unknownTools(manifest, tools, said.others)]);
  const found = [...notes, ...unused(manifest, tools)];
  return { version: corrected.corrected.info.version, areas: areasOf(manifest, tools), notes: found, redundant };
}

/** The tools, with all that the manifest says about them and the specification does not bear out. */
export interface Joined {
  readonly tools: readonly ToolModel[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly redundant: readonly string[];
}

/** What {@link join} does, with problems said and not refused. */
export function joinTools({ corrected: document, notes, operationIds }: Corrected, said: Said): Joined {
  const { manifest, vocabulary } = said;
  const problems: Problem[] = [];
  const found: string[] = [...notes];
  const redundant: string[] = [];
  const report = {
    problem: (problem: Problem) => problems.push(problem),
    note: (message: string) => found.push(message),
    redundant: (message: string) => redundant.push(message),
  };
  const places = placesOf(document);
  const common = { vocabulary, inherited: manifest.inherited.value };
  const joined = [
    ...[...entriesOf(places, said)].map(([entry, place]) => joinTool(entry, place, common, report)),
    ...manifest.workflows.map((entry) => joinWorkflow(entry, common, report)),
  ];
  const { lost = noLostCreates } = said;
  const tools = withLostPlaces(manifest, lost, withOwnFinders(joined, manifest.inherited.value), report);
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  for (const entry of manifest.workflows) checkSteps(entry, byName, report);
  for (const { source, path, tool } of manifest.entries.filter(({ tool: { operation } }) => !places.has(operation))) {
    const reason = `unknown operation "${tool.operation}"${suggestion(tool.operation, operationIds)}`;
    const added = "; run `spec update` when it is new in the manifest";
    problems.push(source.problem([...path, "operation"], reason + added));
  }
  return { tools, problems, notes: found, redundant };
}

/** The operations of a document by their ids. */
export function placesOf(document: OpenApiDocument): Map<string, OperationPlace> {
  const places = new Map<string, OperationPlace>();
  for (const place of operations(document)) {
    const { operationId } = place.operation;
    if (operationId !== undefined) places.set(operationId, { document, ...place });
  }
  return places;
}

/** A tool for every operation: of the manifest where it has one, and else under the best name that is free. */
function* entriesOf(places: ReadonlyMap<string, OperationPlace>, said: Said): Generator<[Entry, OperationPlace]> {
  const { manifest, vocabulary, selection, others = [] } = said;
  const ofManifest = new Map<string, ManifestEntry[]>();
  for (const entry of manifest.entries) {
    const { operation } = entry.tool;
    ofManifest.set(operation, [...(ofManifest.get(operation) ?? []), entry]);
  }
  const taken = new Set([
    ...vocabulary.reserved,
    ...others,
    ...[...manifest.entries, ...manifest.texts, ...manifest.workflows].flatMap(({ name, tool }) => [
      name,
      ...(tool.aliases ?? []),
    ]),
  ]);
  const functions = new Set([...taken].map(functionName));
  // In the order of their paths, so that names do not depend on the document's order.
  const ordered = [...places].sort(([, a], [, b]) => compare(a.path, b.path) || compare(a.method, b.method));
  for (const [operation, place] of ordered) {
    const entries = ofManifest.get(operation);
    if (entries) {
      for (const entry of entries)
        yield [{ ...entry, level: levelOf(entry, selection), problem: problemOf(entry) }, place];
      continue;
    }
    const { answer } = answerOf(place, undefined);
    const candidates = nameCandidates(place, answer, vocabulary);
    const name = candidates.find((one) => !functions.has(functionName(one)));
    const toolName = name ?? numbered(candidates.at(-1) ?? "gitlab_tool", functions);
    taken.add(toolName);
    functions.add(functionName(toolName));
    const problem: Entry["problem"] = (_path, message) => ({
      file: specificationFile,
      pointer: `${place.method.toUpperCase()} ${place.path}`,
      message: `${toolName}: ${message}`,
    });
    yield [
      { name: toolName, area: areaOf(place, vocabulary).value, level: "derived", tool: { operation }, problem },
      place,
    ];
  }
}

function numbered(name: string, functions: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) {
    const candidate = `${name.slice(0, 60)}_${number}`;
    if (!functions.has(functionName(candidate))) return candidate;
  }
}

export const levelOf = ({ name }: Pick<ManifestEntry, "name">, { core }: Selection): Level =>
  core === undefined || core.has(name) ? "core" : "extended";

const problemOf =
  ({ source, path }: ManifestEntry): Entry["problem"] =>
  (at, message, part) =>
    source.problem([...path, ...at], message, part);

/** The areas of the manifest, and those that only derived tools have; by name. */
export function areasOf(manifest: Manifest, tools: readonly ToolModel[]): AreaModel[] {
  const written = new Map(manifest.areas.map(({ file }) => [file.area, file]));
  const byArea = new Map<string, ToolModel[]>();
  for (const tool of tools.toSorted((a, b) => compare(a.name, b.name)))
    byArea.set(tool.area, [...(byArea.get(tool.area) ?? []), tool]);
  return [...byArea]
    .sort(([a], [b]) => compare(a, b))
    .map(([name, own]) => {
      const { title = titleOf(name), description } = written.get(name) ?? {};
      return { name, title, ...(description && { description }), tools: own };
    });
}

const titleOf = (area: string): string => area.charAt(0).toUpperCase() + area.slice(1).replaceAll("-", " ");

/** Tools that the manifest refers to and does not have, and parameters that those lack. */
function unknownTools(
  { entries, texts, workflows, inherited }: Manifest,
  tools: readonly ToolModel[],
  others: ReadonlySet<string> = new Set(),
): Problem[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const reasonAgainst = (reference: string): string | undefined => {
    const [name = "", parameter] = reference.split(" with ");
    if (others.has(name)) return undefined;
    const tool = byName.get(name);
    if (!tool) return `unknown tool "${name}"${suggestion(name, byName.keys())}`;
    const lacks = parameter !== undefined && !tool.parameters.some((one) => one.name === parameter);
    return lacks ? `${name} has no parameter "${parameter}"` : undefined;
  };
  const said = [
    ...Object.entries(inherited.value.parameters ?? {}).map(
      ([name, { finder }]) => [inherited.source, ["parameters", name, "finder"], finder] as const,
    ),
    ...workflows.flatMap(({ source, path, tool }) =>
      Object.entries(tool.input).map(
        ([name, { finder }]) => [source, [...path, "input", name, "finder"], finder] as const,
      ),
    ),
    ...[...entries, ...texts].flatMap(({ source, path, tool }) =>
      Object.entries(tool.parameters ?? {}).map(
        ([name, { finder }]) => [source, [...path, "parameters", name, "finder"], finder] as const,
      ),
    ),
    ...[...entries, ...texts, ...workflows].flatMap(({ source, path, tool }) => [
      ...Object.entries(tool.see ?? {}).map(([about, name]) => [source, [...path, "see", about], name] as const),
    ]),
    ...[...entries, ...texts].flatMap(({ source, path, tool: { lost } }) => [
      [source, [...path, "lost", "check"], lost?.check] as const,
      [source, [...path, "lost", "secret", "remove"], lost?.secret?.remove] as const,
    ]),
  ];
  const unread = entries.flatMap(({ source, path, name, tool: { witness } }) => {
    const reason = witness && (reasonAgainst(witness.read) ?? notReading(byName.get(name), byName.get(witness.read)));
    return reason === undefined ? [] : [source.problem([...path, "witness", "read"], reason)];
  });
  const unknown = said.flatMap(([source, path, reference]) => {
    const reason = reference === undefined ? undefined : reasonAgainst(reference);
    return reason === undefined ? [] : [source.problem(path, reason)];
  });
  return [...unknown, ...unread];
}

/** A witness is read where it is written. */
const notReading = (update?: ToolModel, read?: ToolModel): string | undefined =>
  !update || !read || (read.method === "GET" && read.path === update.path)
    ? undefined
    : `${read.name} does not read ${update.path}`;

/** What the manifest says once for all tools, and no tool has. */
function unused(manifest: Manifest, tools: readonly ToolModel[]): string[] {
  const used = new Set(tools.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  const { source, value } = manifest.inherited;
  return Object.keys(value.parameters ?? {})
    .filter((name) => !used.has(name))
    .map((name) => {
      const { file, line, column } = source.place(["parameters", name], "key");
      return `${file}:${line}:${column} no tool has a parameter "${name}"`;
    });
}

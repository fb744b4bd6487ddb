import { join as joinPath } from "node:path";
import { tryCorrect, type Corrected } from "./correct.js";
import { answerDifferences } from "./diff/answers.js";
import { plain, severities, type Difference, type Finding, type Severity } from "./diff/finding.js";
import { aligned } from "./diff/identity.js";
import { inputDifferences } from "./diff/inputs.js";
import { manifestLine, toolAt } from "./diff/manifest-lines.js";
import { parseDocument } from "./document.js";
import type { ReadOptions } from "./download.js";
import { readText } from "./files.js";
import { joinTools, placesOf, type Said } from "./join.js";
import { readLock, sourceOf } from "./lock.js";
import { readManifest } from "./manifest-files.js";
import type { ToolModel } from "./model.js";
import type { OpenApiDocument } from "./openapi.js";
import type { OperationPlace } from "./parameter.js";
import { lockFile, specificationFile } from "./places.js";
import { compare, ProblemsError, type Problem } from "./problem.js";
import { readSelection } from "./selection.js";
import { readSources } from "./sources.js";
import { readVocabulary } from "./vocabulary.js";

export interface DiffOptions extends ReadOptions {
  readonly root: string;
  /**
   * Files, URLs, or GitLab releases (`19.5.0`); of several, the first wins. Default: the published document of the
   * locked release.
   */
  readonly from?: string | readonly string[];
}

/** What a document would change for the tools. */
export interface SpecDiff {
  /** Versions of GitLab's API, as the documents say. */
  readonly before: string;
  readonly after: string;
  /** The worst first, then by tool. */
  readonly findings: readonly Finding[];
  readonly counts: Readonly<Record<Severity, number>>;
}

/**
 * What a document would change for the project's tools. Writes nothing.
 *
 * @throws {ProblemsError} when a document cannot be read.
 */
export async function diffSpec(options: DiffOptions): Promise<SpecDiff> {
  const { root, onProgress } = options;
  const said = await readSaid(root);
  const before = await declared(root, said);
  if (before === undefined)
    throw new ProblemsError([{ file: specificationFile, message: "is missing; `spec update` makes it" }]);
  const from = options.from ?? sourceOf(readLock(await readText(joinPath(root, lockFile))));
  const { document } = await readSources([from].flat(), options);
  onProgress?.("Comparing");
  return compareDocuments(root, said, before, document);
}

/** What is said about the tools beside the specification. */
export async function readSaid(root: string): Promise<Said> {
  const manifest = await readManifest(root);
  return { manifest, selection: await readSelection(root), vocabulary: await readVocabulary(root) };
}

/**
 * The specification that the project's tools are made of now, corrections and all: as generated, because the overlay
 * may have been made ready for the next document already. Undefined where there is none yet.
 */
export async function declared(root: string, said: Said): Promise<Corrected | undefined> {
  const generated = await readText(joinPath(root, "generated/openapi.json"));
  if (generated !== undefined) {
    const corrected = JSON.parse(generated) as OpenApiDocument;
    return { corrected, notes: [], operationIds: [...placesOf(corrected).keys()] };
  }
  const text = await readText(joinPath(root, specificationFile));
  if (text === undefined) return undefined;
  return tryCorrect(root, parseDocument(specificationFile, text).document, said.manifest, said.selection);
}

export async function compareDocuments(
  root: string,
  said: Said,
  before: Corrected,
  document: OpenApiDocument,
): Promise<SpecDiff> {
  const { document: same, renamed } = aligned(before.corrected, document);
  const after = await tryCorrect(root, same, said.manifest, said.selection);
  const old = toolsOf(before, said);
  const current = toolsOf(after, said);
  const found: Finding[] = [];
  for (const [operationId, was] of old.tools) {
    const is = current.tools.get(operationId);
    const differences = is ? toolDifferences(was, is) : [operationSays("breaking", "operation-removed", "gone")];
    const name = renamed.get(operationId);
    if (name !== undefined)
      differences.push(operationSays("safe", "operation-renamed", `its operationId is ${plain(name)} now`));
    found.push(...differences.map((difference) => findingOf(said, was, difference)));
  }
  for (const [operationId, is] of current.tools)
    if (!old.tools.has(operationId))
      found.push(findingOf(said, is, { severity: "safe", check: "tool-added", what: "tool", change: "new" }));
  // What the manifest says and the document does not bear out is told once: with its cause, where that was found.
  const places = new Set(found.map(({ place }) => place && `${place.file}:${place.line}:${place.column}`));
  for (const problem of [...after.problems, ...current.problems])
    if (!places.has(`${problem.file}:${problem.line}:${problem.column}`)) found.push(misfit(said, problem));
  return {
    before: before.corrected.info.version,
    after: document.info.version,
    findings: found.sort(
      (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || compare(a.tool ?? "", b.tool ?? ""),
    ),
    counts: {
      breaking: found.filter(({ severity }) => severity === "breaking").length,
      review: found.filter(({ severity }) => severity === "review").length,
      safe: found.filter(({ severity }) => severity === "safe").length,
    },
  };
}

interface Placed {
  readonly tool: ToolModel;
  readonly place: OperationPlace;
}

function toolsOf(corrected: Corrected, said: Said): { tools: Map<string, Placed>; problems: readonly Problem[] } {
  const { tools, problems } = joinTools(corrected, said);
  const places = placesOf(corrected.corrected);
  const placed = tools.flatMap((tool): [string, Placed][] => {
    const place = places.get(tool.operationId);
    return place ? [[tool.operationId, { tool, place }]] : [];
  });
  return { tools: new Map(placed), problems };
}

const operationSays = (severity: Severity, check: string, change: string): Difference => ({
  severity,
  check,
  what: "operation",
  change,
});

function toolDifferences(was: Placed, is: Placed): Difference[] {
  const found: Difference[] = [];
  const say = (severity: Severity, check: string, what: string, change: string): void => {
    found.push({ severity, check, what, change });
  };
  if (was.tool.name !== is.tool.name)
    say("breaking", "tool-renamed", "tool", `would be called ${is.tool.name}; write its name into the manifest`);
  const [oldRequest, request] = [was, is].map(({ tool }) => `${tool.method} ${tool.path.replace(/\{[^}]*\}/g, "{}")}`);
  if (oldRequest !== request)
    say("review", "operation-moved", "operation", `is ${plain(`${is.tool.method} ${is.tool.path}`)} now`);
  if (!was.tool.deprecated && is.tool.deprecated) say("review", "operation-deprecated", "operation", "deprecated now");
  if (was.tool.deprecated && !is.tool.deprecated)
    say("safe", "operation-restored", "operation", "deprecated no longer");
  const [oldLife, life] = [was, is].map(({ place: { operation } }) => lifecycleOf(operation));
  if (oldLife !== life)
    say(life === undefined ? "safe" : "review", "operation-lifecycle", "operation", life ?? "generally available now");
  const { tier } = is.tool;
  if (was.tool.tier !== tier)
    say(
      tier === undefined ? "safe" : "review",
      "tier-changed",
      "tier",
      `${tier ?? "every plan"}, was ${was.tool.tier ?? "every plan"}`,
    );
  if (was.tool.access !== is.tool.access)
    say("review", "access-changed", "access", `${is.tool.access}, was ${was.tool.access}`);
  return [...found, ...inputDifferences(was.tool.parameters, is.tool.parameters), ...answerDifferences(was, is)];
}

/** `beta` or `experiment`, for what may change without notice. */
function lifecycleOf(operation: object): string | undefined {
  const said: unknown = "x-gitlab-lifecycle" in operation ? operation["x-gitlab-lifecycle"] : undefined;
  return typeof said === "string" ? plain(said) : undefined;
}

function findingOf(said: Said, { tool }: Placed, difference: Difference): Finding {
  const entry = said.manifest.entries.find(({ name }) => name === tool.name);
  return {
    ...difference,
    tool: tool.name,
    level: tool.level,
    operation: plain(`${tool.method} ${tool.path}`),
    ...(entry && { place: manifestLine(said.manifest, entry, difference) }),
  };
}

/** What the manifest or a correction says and the document does not bear out: `generate` would refuse it. */
function misfit(said: Said, problem: Problem): Finding {
  const { file, line, column, pointer, message } = problem;
  const tool = toolAt(said.manifest, problem)?.name;
  return {
    severity: "review",
    check: "manifest-misfit",
    what: "to mend",
    change: plain(`${pointer === undefined ? "" : `${pointer} `}${message}`),
    ...(tool !== undefined && { tool }),
    place: { file, ...(line !== undefined && { line }), ...(column !== undefined && { column }) },
  };
}

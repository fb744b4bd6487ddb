import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { stringify } from "yaml";
import { selectedOperations, type Corrected } from "./correct.js";
import { compareDocuments, declared, readSaid, type SpecDiff } from "./diff-spec.js";
import { changelogWith } from "./diff/changelog.js";
import { aligned } from "./diff/identity.js";
import type { ReadOptions } from "./download.js";
import { readText, writeOutputs } from "./files.js";
import { make, ownedFiles } from "./generate.js";
import { placesOf } from "./join.js";
import { readLock, sourceOf, writeLock, type Lock } from "./lock.js";
import type { Manifest } from "./manifest-files.js";
import { operations, type OpenApiDocument } from "./openapi.js";
import { lockFile, specificationFile } from "./places.js";
import { refuse } from "./problem.js";
import { prune } from "./prune.js";
import { readSources } from "./sources.js";
import { suggestion } from "./suggestion.js";

const header = `# The part of GitLab's OpenAPI document that this project uses, as published, without its prose.
# Written by \`gitlab-agent-tools spec update\`; corrections belong in overlay.yaml.
# GitLab B.V., CC BY-SA 4.0: see NOTICE.
`;

const changelogFile = "CHANGELOG.md";

export interface UpdateOptions extends ReadOptions {
  /** The project's folder. */
  readonly root: string;
  /**
   * Files, URLs, or GitLab releases (`19.5.0`); where several have an operation or a schema, the first wins. Default:
   * the published document of the locked release.
   */
  readonly from?: string | readonly string[];
  /** Whether changes that break calls or code are taken. Default: false. */
  readonly acceptBreaking?: boolean | undefined;
  /** Told what the document changes, before anything is refused or written. */
  readonly onDiff?: (diff: SpecDiff) => void;
  /** For the lock's date. */
  readonly now?: () => Date;
}

export interface UpdateResult {
  readonly lock: Lock;
  /** Files that changed; none when the document was the same. */
  readonly written: string[];
  /** What it changed for the tools; undefined where there was no specification before. */
  readonly diff?: SpecDiff;
}

/** A document that breaks tools, and nobody said that this is accepted. Nothing was written. */
export class BreakingChangesError extends Error {
  override readonly name = "BreakingChangesError";

  constructor(readonly diff: SpecDiff) {
    const { breaking } = diff.counts;
    super(`${breaking === 1 ? "1 change breaks a tool" : `${breaking} changes break tools`}; nothing was written`);
  }
}

/**
 * Takes what the project needs from GitLab's OpenAPI document, and generates. Manifest lines that name an operation
 * follow it where only its operationId is another.
 *
 * @throws {BreakingChangesError} unless `acceptBreaking`
 * @throws {ProblemsError} when the document cannot be used, or corrections and manifest do not fit it; the files on
 *   disk are as they were.
 */
export async function updateSpec(options: UpdateOptions): Promise<UpdateResult> {
  const { root, onProgress = () => {}, now = () => new Date() } = options;
  onProgress("Reading the manifest");
  const said = await readSaid(root);
  const previous = readLock(await readText(joinPath(root, lockFile)));
  const { document, sources } = await readSources([options.from ?? sourceOf(previous)].flat(), options);
  const before = await declared(root, said);
  const renamed = before ? aligned(before.corrected, document).renamed : new Map<string, string>();
  let diff: SpecDiff | undefined;
  if (before) {
    onProgress("Comparing");
    diff = await compareDocuments(root, said, before, document);
    options.onDiff?.(diff);
  }
  checkOperations(document, sources.map(({ name }) => name).join(", "), said.manifest, before, renamed);
  if (diff && diff.counts.breaking > 0 && options.acceptBreaking !== true) throw new BreakingChangesError(diff);

  const selected = selectedOperations(document, said.manifest, said.selection.selects);
  const pruned = prune(document, new Set([...selected].map((id) => renamed.get(id) ?? id)));
  const lock = { sources, version: pruned.info.version, operations: [...operations(pruned)].length };
  const lockText = writeLock(lock, previous, now());
  const taken = new Map([
    ...(await renamedManifest(root, said.manifest, renamed)),
    [specificationFile, specificationText(pruned)],
    [lockFile, lockText],
  ]);
  const outputs = new Map([...(await generated(root, taken, onProgress)), ...taken]);
  const changelog = await readText(joinPath(root, changelogFile));
  if (changelog !== undefined && diff && diff.findings.length > 0)
    outputs.set(changelogFile, changelogWith(changelog, diff));
  onProgress("Writing");
  const { changed, obsolete } = await writeOutputs(root, outputs, await ownedFiles(root));
  return {
    lock: { ...lock, date: readLock(lockText)?.date ?? "" },
    written: [...changed, ...obsolete],
    ...(diff && { diff }),
  };
}

export function specificationText(document: OpenApiDocument): string {
  return header + stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** What generation makes of the project with some files changed; the project itself stays as it is. */
async function generated(
  root: string,
  changed: ReadonlyMap<string, string>,
  onProgress: (step: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const folder = await mkdtemp(joinPath(tmpdir(), "spec-update-"));
  try {
    await cp(joinPath(root, "spec"), joinPath(folder, "spec"), { recursive: true });
    for (const [path, text] of changed) await writeFile(joinPath(folder, path), text);
    return (await make(folder, onProgress)).outputs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Operations that the manifest names and the document lacks: what has become of them is found by path. */
function checkOperations(
  document: OpenApiDocument,
  file: string,
  manifest: Manifest,
  before: Corrected | undefined,
  renamed: ReadonlyMap<string, string>,
): void {
  const known = [...operations(document)].flatMap(({ operation }) => operation.operationId ?? []);
  const set = new Set(known);
  const old = before && placesOf(before.corrected);
  refuse(
    manifest.entries
      .filter(({ tool }) => !set.has(renamed.get(tool.operation) ?? tool.operation))
      .map(({ source, path, tool }) => {
        const place = old?.get(tool.operation);
        const reason = place
          ? `${file} does not have ${place.method.toUpperCase()} ${place.path}${moved(place, document)}`
          : `${file} does not have it${suggestion(tool.operation, known)}`;
        return source.problem([...path, "operation"], `unknown operation "${tool.operation}": ${reason}`);
      }),
  );
}

/** Where a path with the same end is, reached by the same method. */
function moved({ method, path }: { method: string; path: string }, document: OpenApiDocument): string {
  const end = path.split("/").findLast((segment) => !segment.startsWith("{"));
  const near = [...operations(document)].filter(
    (other) => other.method === method && other.path.split("/").findLast((segment) => !segment.startsWith("{")) === end,
  );
  const [first] = near;
  return first && near.length === 1 ? `; is it ${method.toUpperCase()} ${first.path} now?` : "";
}

/** The manifest's files with the operationIds that the document has now. */
async function renamedManifest(
  root: string,
  manifest: Manifest,
  renamed: ReadonlyMap<string, string>,
): Promise<[path: string, text: string][]> {
  const files = new Map<string, string[]>();
  for (const { source, path, tool } of manifest.entries) {
    const to = renamed.get(tool.operation);
    if (to === undefined) continue;
    const lines = files.get(source.file) ?? ((await readText(joinPath(root, source.file))) ?? "").split("\n");
    files.set(source.file, lines);
    const { line, column } = source.place([...path, "operation"]);
    const text = lines[line - 1] ?? "";
    const rest = text.slice(column - 1);
    const written = [JSON.stringify(tool.operation), `'${tool.operation}'`, tool.operation].find((one) =>
      rest.startsWith(one),
    );
    if (written === undefined) continue; // Written in a way of its own: generation says so.
    const value = /^\w+$/.test(to) ? to : JSON.stringify(to);
    lines[line - 1] = text.slice(0, column - 1) + value + rest.slice(written.length);
  }
  return [...files].map(([path, lines]) => [path, lines.join("\n")]);
}

import { join as joinPath } from "node:path";
import { stringify } from "yaml";
import { parseDocument, readInput } from "./document.js";
import { readText, writeOutputs } from "./files.js";
import { readLock, sourceOf, writeLock, type Lock, type LockedSource } from "./lock.js";
import { readManifest, type Manifest } from "./manifest-files.js";
import { suggestion } from "./suggestion.js";
import { operations, type Components, type OpenApiDocument } from "./openapi.js";
import { lockFile, specificationFile } from "./places.js";
import { ProblemsError, refuse, formatProblem } from "./problem.js";
import { prune } from "./prune.js";
import { correct, wantedOperations } from "./correct.js";
import { join, type Said } from "./join.js";
import { readSelection } from "./selection.js";
import { readVocabulary } from "./vocabulary.js";

const header = `# The part of GitLab's OpenAPI document that this project uses, as published, without its prose.
# Written by \`gitlab-agent-tools spec update\`; corrections belong in overlay.yaml.
# GitLab B.V., CC BY-SA 4.0: see NOTICE.
`;

export interface UpdateOptions {
  /** The project's folder. */
  readonly root: string;
  /**
   * Files, URLs, or GitLab releases (`19.5.0`); where several have an operation or a schema, the first wins. Default:
   * the published document of the locked release.
   */
  readonly from?: string | readonly string[];
  readonly onProgress?: (step: string) => void;
  readonly signal?: AbortSignal;
  /** For the lock's date. */
  readonly now?: () => Date;
}

export interface UpdateResult {
  readonly lock: Lock;
  /** Files that changed; none when the document was the same. */
  readonly written: string[];
  /** Corrections and manifest entries that do not fit the new document and have to be mended before `generate`. */
  readonly problems: readonly string[];
}

/**
 * Takes what the manifest needs from GitLab's OpenAPI document.
 *
 * @throws {ProblemsError} when the document cannot be used; the files on disk are as they were.
 */
export async function updateSpec(options: UpdateOptions): Promise<UpdateResult> {
  const { root, onProgress = () => {}, signal, now = () => new Date() } = options;
  onProgress("Reading the manifest");
  const manifest = await readManifest(root);
  const previous = readLock(await readText(joinPath(root, lockFile)));
  const selection = await readSelection(root);
  const documents: OpenApiDocument[] = [];
  const sources: LockedSource[] = [];
  for (const from of [options.from ?? sourceOf(previous)].flat()) {
    onProgress(`Reading ${from}`);
    const { name, text, sha256 } = await readInput(from, signal);
    const { document } = parseDocument(name, text);
    documents.push(document);
    sources.push({ name, version: document.info.version, sha256 });
  }
  onProgress("Checking the document");
  const document = combined(documents);
  checkOperations(document, sources.map(({ name }) => name).join(", "), manifest);
  const pruned = prune(document, wantedOperations(document, manifest, selection.selects));
  const lock = { sources, version: pruned.info.version, operations: [...operations(pruned)].length };
  const lockText = writeLock(lock, previous, now());
  onProgress("Writing");
  const { changed: written } = await writeOutputs(
    root,
    new Map([
      [specificationFile, specificationText(pruned)],
      [lockFile, lockText],
    ]),
  );
  return {
    lock: { ...lock, date: readLock(lockText)?.date ?? "" },
    written,
    problems: await misfits(root, pruned, { manifest, selection, vocabulary: await readVocabulary(root) }),
  };
}

/** Several documents as one: of what two of them have, the first one's. */
function combined(documents: readonly OpenApiDocument[]): OpenApiDocument {
  const [first, ...others] = documents;
  if (first === undefined) throw new ProblemsError([{ file: specificationFile, message: "needs a document" }]);
  const ids = new Set([...operations(first)].map(({ operation }) => operation.operationId));
  const paths = { ...first.paths };
  let components = first.components ?? {};
  for (const other of others) {
    for (const { path, item, method, operation } of operations(other)) {
      if (paths[path]?.[method] !== undefined || ids.has(operation.operationId)) continue;
      ids.add(operation.operationId);
      const { parameters } = item;
      paths[path] = { ...(parameters && { parameters }), ...paths[path], [method]: operation };
    }
    components = mergedComponents(components, other.components ?? {});
  }
  return { ...first, paths, components };
}

function mergedComponents(own: Components, other: Components): Components {
  const sections = new Set([...Object.keys(own), ...Object.keys(other)]) as Set<keyof Components>;
  return Object.fromEntries([...sections].map((section) => [section, { ...other[section], ...own[section] }]));
}

export function operationIds(manifest: Manifest): Set<string> {
  return new Set(manifest.entries.map(({ tool }) => tool.operation));
}

export function specificationText(document: OpenApiDocument): string {
  return header + stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 });
}

function checkOperations(document: OpenApiDocument, file: string, manifest: Manifest): void {
  const known = [...operations(document)].flatMap(({ operation }) => operation.operationId ?? []);
  const set = new Set(known);
  refuse(
    manifest.entries
      .filter(({ tool }) => !set.has(tool.operation))
      .map(({ source, path, tool }) =>
        source.problem(
          [...path, "operation"],
          `unknown operation "${tool.operation}": ${file} does not have it${suggestion(tool.operation, known)}`,
        ),
      ),
  );
}

/** What has to be mended in overlay and manifest after an update: said now, refused by `generate`. */
async function misfits(root: string, document: OpenApiDocument, said: Said): Promise<string[]> {
  try {
    join(await correct(root, document, said.manifest, said.selection), said);
    return [];
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(formatProblem);
    throw error;
  }
}

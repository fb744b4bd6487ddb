import { join as joinPath } from "node:path";
import { stringify } from "yaml";
import { parseDocument, readInput } from "./document.js";
import { readText, writeOutputs } from "./files.js";
import { readLock, sourceOf, writeLock, type Lock } from "./lock.js";
import { readManifest, type Manifest } from "./manifest-files.js";
import { suggestion } from "./suggestion.js";
import { operations, type OpenApiDocument } from "./openapi.js";
import { ProblemsError, refuse, formatProblem } from "./problem.js";
import { prune } from "./prune.js";
import { correct } from "./correct.js";
import { join } from "./join.js";

export const specificationFile = "spec/gitlab.openapi.yaml";
export const lockFile = "spec/spec.lock.yaml";

const header = `# The part of GitLab's OpenAPI document that this project uses, as published, without its prose.
# Written by \`gitlab-agent-tools spec update\`; corrections belong in overlay.yaml.
# GitLab B.V., CC BY-SA 4.0: see NOTICE.
`;

export interface UpdateOptions {
  /** The project's folder. */
  readonly root: string;
  /** A file, a URL, or a GitLab release (`19.5.0`). Default: the published document of the locked release. */
  readonly from?: string;
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
  const from = options.from ?? sourceOf(previous);
  onProgress(`Reading ${from}`);
  const input = await readInput(from, signal);
  onProgress("Checking the document");
  const { document } = parseDocument(input.name, input.text);
  checkOperations(document, input.name, manifest);
  const pruned = prune(document, operationIds(manifest));
  const lock = {
    source: input.name,
    version: pruned.info.version,
    sha256: input.sha256,
    operations: [...operations(pruned)].length,
  };
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
    problems: await misfits(root, pruned, manifest),
  };
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
async function misfits(root: string, document: OpenApiDocument, manifest: Manifest): Promise<string[]> {
  try {
    join(await correct(root, document, manifest), manifest);
    return [];
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(formatProblem);
    throw error;
  }
}

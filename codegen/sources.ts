import { parseDocument, readInput } from "./document.js";
import type { ReadOptions } from "./download.js";
import type { LockedSource } from "./lock.js";
import { operations, type Components, type OpenApiDocument } from "./openapi.js";
import { ProblemsError } from "./problem.js";
import { specificationFile } from "./places.js";

/** What GitLab publishes, read and put together. */
export interface Sources {
  readonly document: OpenApiDocument;
  readonly sources: readonly LockedSource[];
}

/**
 * Reads documents as one: of what several of them have, the first one's.
 *
 * @throws {ProblemsError} when one of them cannot be read.
 */
export async function readSources(from: readonly string[], options: ReadOptions = {}): Promise<Sources> {
  const documents: OpenApiDocument[] = [];
  const sources: LockedSource[] = [];
  for (const one of from) {
    const { name, text, sha256 } = await readInput(one, options);
    options.onProgress?.(`Checking ${name}`);
    const { document } = parseDocument(name, text);
    documents.push(document);
    sources.push({ name, version: document.info.version, sha256 });
  }
  return { document: combined(documents), sources };
}

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

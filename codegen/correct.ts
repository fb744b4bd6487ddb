import { join } from "node:path";
import { danglingReferences } from "./document.js";
import { readText } from "./files.js";
import type { Manifest } from "./manifest-files.js";
import { allowNullInAnswers } from "./nullable-answers.js";
import { operations, pointer, type Method, type OpenApiDocument } from "./openapi.js";
import { tryOverlay } from "./overlay.js";
import { convertPatterns } from "./pattern.js";
import { refuse, type Problem } from "./problem.js";
import { prune } from "./prune.js";
import type { Selection } from "./selection.js";
import { YamlSource } from "./yaml-source.js";

const overlayFile = "spec/overlay.yaml";

export interface Corrected {
  readonly corrected: OpenApiDocument;
  /** Patterns that had to be dropped. */
  readonly notes: readonly string[];
  /** The operations of the specification, those that the manifest does not name as well. */
  readonly operationIds: readonly string[];
}

/**
 * The specification with the overlay's corrections (none without a `root`), without what nothing uses any more, and with patterns that
 * JavaScript understands.
 */
export async function correct(
  root: string | undefined,
  document: OpenApiDocument,
  manifest: Manifest,
  selection: Selection,
): Promise<Corrected> {
  const { problems, ...corrected } = await tryCorrect(root, document, manifest, selection);
  refuse(problems);
  return corrected;
}

/** What {@link correct} does, with the corrections that do not fit the document left out and said. */
export async function tryCorrect(
  root: string | undefined,
  document: OpenApiDocument,
  manifest: Manifest,
  { selects }: Selection,
): Promise<Corrected & { readonly problems: Problem[] }> {
  const text = root === undefined ? undefined : await readText(join(root, overlayFile));
  const { corrected: raw, problems } =
    text === undefined
      ? { corrected: document, problems: [] }
      : tryOverlay(document, new YamlSource(overlayFile, text));
  const overlaid = withPlainPaths(raw);
  if (problems.length === 0)
    problems.push(
      ...danglingReferences(overlaid).map(({ path, reference }) => ({
        file: overlayFile,
        pointer: `#${pointer(path)}`,
        message: `after the corrections, $ref "${reference}" points to nothing`,
      })),
    );
  const corrected = prune(overlaid, selectedOperations(overlaid, manifest, selects));
  allowNullInAnswers(corrected);
  const operationIds = [...operations(overlaid)].flatMap(({ operation }) => operation.operationId ?? []);
  return { corrected, notes: convertPatterns(corrected), operationIds, problems };
}

/** The operations that become tools: those of the manifest, and those that the selection takes in. */
export function selectedOperations(
  document: OpenApiDocument,
  manifest: Manifest,
  selects: Selection["selects"],
): ReadonlySet<string> {
  const named = new Set(manifest.entries.map(({ tool }) => tool.operation));
  for (const { path, method, operation } of operations(document))
    if (operation.operationId !== undefined && isCall(method) && selects(method, path))
      named.add(operation.operationId);
  return named;
}

const isCall = (method: Method): boolean => ["get", "head", "post", "put", "patch", "delete"].includes(method);

/** `(-/)` in a path is a router's notation for an optional part; clients use the short form. */
function withPlainPaths(document: OpenApiDocument): OpenApiDocument {
  if (!Object.keys(document.paths).some((path) => path.includes("(-/)"))) return document;
  const paths: OpenApiDocument["paths"] = {};
  for (const [path, item] of Object.entries(document.paths)) {
    const plain = path.replaceAll("(-/)", "");
    paths[plain] = { ...item, ...paths[plain] };
  }
  return { ...document, paths };
}

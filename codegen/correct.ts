import { join } from "node:path";
import { danglingReferences } from "./document.js";
import { readText } from "./files.js";
import type { Manifest } from "./manifest-files.js";
import { allowNullInAnswers } from "./nullable-answers.js";
import { operations, pointer, type OpenApiDocument } from "./openapi.js";
import { applyOverlay } from "./overlay.js";
import { convertPatterns } from "./pattern.js";
import { refuse } from "./problem.js";
import { prune } from "./prune.js";
import { YamlSource } from "./yaml-source.js";

export const overlayFile = "spec/overlay.yaml";

export interface Corrected {
  readonly corrected: OpenApiDocument;
  /** Patterns that had to be dropped. */
  readonly notes: readonly string[];
  /** The operations of the specification, those that the manifest does not name as well. */
  readonly operationIds: readonly string[];
}

/**
 * The specification with the overlay's corrections, without what nothing uses any more, and with patterns that
 * JavaScript understands.
 */
export async function correct(root: string, document: OpenApiDocument, manifest: Manifest): Promise<Corrected> {
  const text = await readText(join(root, overlayFile));
  const overlaid = text === undefined ? document : applyOverlay(document, new YamlSource(overlayFile, text));
  refuse(
    danglingReferences(overlaid).map(({ path, reference }) => ({
      file: overlayFile,
      pointer: `#${pointer(path)}`,
      message: `after the corrections, $ref "${reference}" points to nothing`,
    })),
  );
  const corrected = prune(overlaid, new Set(manifest.entries.map(({ tool }) => tool.operation)));
  allowNullInAnswers(corrected);
  const operationIds = [...operations(overlaid)].flatMap(({ operation }) => operation.operationId ?? []);
  return { corrected, notes: convertPatterns(corrected), operationIds };
}

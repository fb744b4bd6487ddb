import { join as joinPath } from "node:path";
import { correct } from "./correct.js";
import type { Origin } from "./derive/origin.js";
import { parseDocument } from "./document.js";
import { readText } from "./files.js";
import { join } from "./join.js";
import { readManifest } from "./manifest-files.js";
import type { ToolModel } from "./model.js";
import { specificationFile } from "./places.js";
import { ProblemsError } from "./problem.js";
import { readSelection } from "./selection.js";
import { suggestion } from "./suggestion.js";
import { readLostCreates } from "./lost-creates.js";
import { readVocabulary } from "./vocabulary.js";

/** A value of a tool, and where it comes from. */
export interface Explained {
  readonly field: string;
  readonly value: unknown;
  readonly origin: Origin;
}

/**
 * Every value of a tool with its origin: the rule that derived it, or the line of the manifest that says it.
 *
 * @throws {ProblemsError} for a name that no tool has, and where generation would be refused
 */
export async function explain(root: string, name: string): Promise<Explained[]> {
  const manifest = await readManifest(root);
  const [vocabulary, selection] = [await readVocabulary(root), await readSelection(root)];
  const lost = await readLostCreates(root);
  const text = await readText(joinPath(root, specificationFile));
  const { document } = parseDocument(specificationFile, text ?? "");
  const { areas } = join(await correct(root, document, manifest, selection), { manifest, vocabulary, selection, lost });
  const tools = areas.flatMap((area) => area.tools);
  const tool = tools.find((one) => one.name === name || one.aliases?.includes(name));
  if (!tool) {
    const near = suggestion(
      name,
      tools.map((one) => one.name),
    );
    throw new ProblemsError([{ file: "spec", message: `has no tool "${name}"${near}` }]);
  }
  return Object.entries(tool.origins).map(([field, origin]) => ({
    field,
    value: tool[field as keyof ToolModel],
    origin,
  }));
}

import { join as joinPath } from "node:path";
import { correct } from "../codegen/correct.js";
import { accessOf } from "../codegen/derive/access.js";
import { nameCandidates } from "../codegen/derive/name.js";
import { parseDocument } from "../codegen/document.js";
import { readText } from "../codegen/files.js";
import { joinTexts } from "../codegen/graphql/join-texts.js";
import { join } from "../codegen/join.js";
import { readManifest } from "../codegen/manifest-files.js";
import type { Method } from "../codegen/openapi.js";
import { specificationFile } from "../codegen/places.js";
import { readSelection } from "../codegen/selection.js";
import { readVocabulary } from "../codegen/vocabulary.js";
import { printTable } from "./table.js";

/** How often what is derived is what a person wrote, field by field, over the tools that were curated by hand. */
export async function benchDerive(): Promise<void> {
  const root = process.cwd();
  const manifest = await readManifest(root);
  const [vocabulary, selection] = [await readVocabulary(root), await readSelection(root)];
  const { document } = parseDocument(specificationFile, (await readText(joinPath(root, specificationFile))) ?? "");
  const corrected = await correct(root, document, manifest, selection);
  const texts = await joinTexts(root, manifest, selection);
  const { areas } = join(corrected, { manifest, vocabulary, selection }, texts.tools);
  // What GraphQL has, and what takes several calls, is derived from no operation.
  const curated = areas
    .flatMap(({ tools }) => tools)
    .filter(({ level, graphql, steps }) => level !== "derived" && !graphql && !steps);
  const fields = new Map<string, number>();
  const count = (field: string, agrees: boolean): unknown =>
    fields.set(field, (fields.get(field) ?? 0) + (agrees ? 1 : 0));
  for (const tool of curated) {
    const place = { path: tool.path, method: tool.method.toLowerCase() as Method };
    count("name", nameCandidates(place, tool.answer, vocabulary)[0] === tool.name);
    count("access", accessOf(place, vocabulary).value === tool.access);
    // What the manifest says differs from what is derived: lines that say the same are taken out.
    for (const [field, origin] of Object.entries(tool.origins))
      if (field !== "access") count(field, origin.from === "derived");
  }
  const rows = [...fields].map(([field, agreed]) => [
    field,
    agreed,
    curated.length,
    `${((100 * agreed) / curated.length).toFixed(1)} %`,
  ]);
  printTable("What is derived and what people wrote, over the curated tools", ["field", "agree", "of", "share"], rows);
}

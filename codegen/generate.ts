import { join as joinPath } from "node:path";
import { correct } from "./correct.js";
import { parseDocument } from "./document.js";
import { apiPage } from "./emit/api-page.js";
import { formatJson } from "./emit/format.js";
import { manifestJson } from "./emit/manifest-json.js";
import { openapiTypes } from "./emit/openapi-types.js";
import { presetsModule } from "./emit/presets.js";
import { promptsModule } from "./emit/prompts.js";
import { allRows, registry, toolNames } from "./emit/registry.js";
import { rowsModule } from "./emit/rows.js";
import { toolModule } from "./emit/tool-module.js";
import { compareOutputs, listFolder, readText, writeOutputs, type Outputs } from "./files.js";
import { graphqlLookups } from "./emit/graphql-lookups.js";
import { graphqlTypes } from "./emit/graphql-types.js";
import { joinTexts, type JoinedTexts } from "./graphql/join-texts.js";
import { join } from "./join.js";
import { fieldsModule } from "./emit/fields.js";
import { fieldsJsonSchema, readFields } from "./fields.js";
import { readSchemas } from "./graphql/schema.js";
import { lostCreatesJsonSchema, readLostCreates } from "./lost-creates.js";
import { readManifest } from "./manifest-files.js";
import { manifestJsonSchemas } from "./manifest.js";
import { presetsJsonSchema, readPresets } from "./presets.js";
import { promptsJsonSchema, readPrompts } from "./prompts.js";
import { specificationFile } from "./places.js";
import { compare, ProblemsError } from "./problem.js";
import { readSelection, selectionJsonSchema } from "./selection.js";
import { readVocabulary, vocabularyJsonSchema } from "./vocabulary.js";

export interface GenerateOptions {
  /** The project's folder, with `spec/`. */
  readonly root: string;
  /** Where `generated/` and the manifest's JSON Schemas go. Default: {@link root}. */
  readonly out?: string;
  /** Writes nothing and reports what is stale. */
  readonly check?: boolean;
  readonly onProgress?: (step: string) => void;
}

export interface GenerateResult {
  readonly tools: number;
  /** All files that generation makes, below the root. */
  readonly files: string[];
  /** Files that were written or deleted; with `check`, that would be. */
  readonly changed: string[];
  /** Those of them that nothing makes any more. */
  readonly removed: string[];
  /** What was left out or assumed. */
  readonly notes: readonly string[];
  /** Lines of the manifest that say what is derived, and can go. */
  readonly redundant: readonly string[];
}

/**
 * Turns `spec/` into `generated/`. Writes nothing unless all of it could be made.
 *
 * @throws {ProblemsError} with everything that is wrong in `spec/`, each with file, line and column.
 */
export async function generate(options: GenerateOptions): Promise<GenerateResult> {
  const { root, out = root, check = false, onProgress = () => {} } = options;
  const { outputs, tools, notes, redundant } = await make(root, onProgress);
  const owned = await ownedFiles(out);
  if (!check) onProgress("Writing");
  const { changed, obsolete } = await (check ? compareOutputs : writeOutputs)(out, outputs, owned);
  return {
    tools,
    files: [...outputs.keys()].sort(),
    changed: [...changed, ...obsolete].sort(),
    removed: obsolete,
    notes,
    redundant,
  };
}

/** What generation makes of a folder's `spec/`, before it is written. */
export interface Made extends Pick<GenerateResult, "tools" | "notes" | "redundant"> {
  readonly outputs: Outputs;
}

/** @throws {ProblemsError} with everything that is wrong in `spec/`. */
export async function make(root: string, onProgress: (step: string) => void): Promise<Made> {
  onProgress("Reading the manifest");
  const manifest = await readManifest(root);
  const vocabulary = await readVocabulary(root);
  const selection = await readSelection(root);
  const lost = await readLostCreates(root);
  onProgress("Reading the specification");
  const text = await readText(joinPath(root, specificationFile));
  if (text === undefined)
    throw new ProblemsError([{ file: specificationFile, message: "is missing; `spec update` makes it" }]);
  const { document } = parseDocument(specificationFile, text);
  const correction = await correct(root, document, manifest, selection);
  onProgress("Joining specification and manifest");
  const texts = await joinTexts(root, manifest, selection);
  const model = join(correction, { manifest, vocabulary, selection, lost }, texts.tools);
  const tools = model.areas.flatMap((area) => area.tools).sort((a, b) => compare(a.name, b.name));
  const presets = await readPresets(root, tools);
  const prompts = await readPrompts(
    root,
    tools.map(({ name }) => name),
  );
  const schema = manifest.texts.length > 0 ? (await readSchemas(root)).whole : undefined;
  const fields = await readFields(root, { document: correction.corrected, schema, manifest });
  onProgress("Making the modules");
  const schemas = manifestJsonSchemas();
  const outputs = new Map<string, string>([
    ["generated/openapi.ts", openapiTypes(correction.corrected)],
    ["generated/openapi.json", `${JSON.stringify(correction.corrected, null, 1)}\n`],
    ["generated/manifest.json", manifestJson(model)],
    ...graphqlModules(texts),
    ["docs/api.md", apiPage(model)],
    ["generated/all-rows.ts", allRows(model)],
    ["generated/registry.ts", registry(model)],
    ["generated/tool-names.ts", toolNames(model)],
    ["generated/presets.ts", presetsModule(presets)],
    ["generated/prompts.ts", promptsModule(prompts)],
    ...model.areas.flatMap((area): [string, string][] => [
      [`generated/rows/${area.name}.ts`, rowsModule(area)],
      [`generated/tools/${area.name}.ts`, toolModule(area)],
    ]),
    ["spec/manifest.schema.json", formatJson(schemas.manifest)],
    ["spec/parameters.schema.json", formatJson(schemas.parameters)],
    ...(fields ? [["generated/fields.ts", fieldsModule(fields)] as [string, string]] : []),
    ["spec/fields.schema.json", formatJson(fieldsJsonSchema())],
    ["spec/lost.schema.json", formatJson(lostCreatesJsonSchema())],
    ["spec/presets.schema.json", formatJson(presetsJsonSchema())],
    ["spec/prompts.schema.json", formatJson(promptsJsonSchema())],
    ["spec/selection.schema.json", formatJson(selectionJsonSchema())],
    ["spec/vocabulary.schema.json", formatJson(vocabularyJsonSchema())],
  ]);
  return { outputs, tools: tools.length, notes: model.notes, redundant: model.redundant };
}

/** None without tools of GraphQL texts. */
const graphqlModules = ({ tools, enums, lookups }: JoinedTexts): [string, string][] =>
  tools.length === 0
    ? []
    : [
        ["generated/graphql.ts", graphqlTypes(enums)],
        ["generated/graphql-lookups.ts", graphqlLookups(lookups)],
      ];

/** What `generated/` holds of ours: everything there is output. */
export async function ownedFiles(out: string): Promise<string[]> {
  const folders = ["generated", "generated/rows", "generated/tools"];
  const found = folders.map(async (folder) =>
    (await listFolder(joinPath(out, folder), [".ts", ".json"])).map((name) => `${folder}/${name}`),
  );
  return (await Promise.all(found)).flat();
}

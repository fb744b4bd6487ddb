import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { fixedNames, toolNames } from "../generated/tool-names.js";
import { aliasProblems } from "./aliases.js";
import { correct } from "./correct.js";
import { segmentsOf, snake } from "./derive/path.js";
import { parseDocument, readInput } from "./document.js";
import { openapiTypes } from "./emit/openapi-types.js";
import { registry } from "./emit/registry.js";
import { rowsModule } from "./emit/rows.js";
import { header } from "./emit/source.js";
import { toolModule } from "./emit/tool-module.js";
import { compareOutputs, listFolder, readText, writeOutputs } from "./files.js";
import type { GenerateResult } from "./generate.js";
import { areasOf, joinTools } from "./join.js";
import { readInherited, readManifestFiles, type Manifest } from "./manifest-files.js";
import type { AreaModel } from "./model.js";
import { operations, type OpenApiDocument } from "./openapi.js";
import { ProblemsError, refuse } from "./problem.js";
import { selector } from "./selection.js";
import { readVocabulary } from "./vocabulary.js";

export interface GenerateOwnOptions {
  /** An OpenAPI 3 document of GitLab's: a file, a URL, or a release such as `19.5.0`. */
  readonly spec: string;
  /** What the tools say otherwise than is derived: a YAML file, or a folder of them. */
  readonly manifest?: string;
  /** Globs of paths, or of a method and a path. Default: what the manifest names; without one, every operation. */
  readonly include?: readonly string[];
  /** The folder that is written. */
  readonly out: string;
  /** Writes nothing and reports what is stale. */
  readonly check?: boolean;
  readonly onProgress?: (step: string) => void;
}

/** What generated modules of another project import from. */
const runtime = "gitlab-agent-tools/define";

/**
 * Makes typed functions and rows for operations of any GitLab document, in any project. Writes nothing unless all of it
 * could be made, and nothing over a file that it did not make.
 *
 * @throws {ProblemsError} with everything that is wrong in the document and the manifest
 */
export async function generateOwn(options: GenerateOwnOptions): Promise<GenerateResult> {
  const { out, check = false, onProgress = () => {} } = options;
  const input = await readInput(options.spec, { onProgress });
  const document = withOperationIds(parseDocument(input.name, input.text).document);
  const home = packageFolder();
  const manifest = await manifestOf(options.manifest, home);
  const include = options.include ?? (options.manifest === undefined ? ["/*"] : []);
  const selection = { core: new Set<string>(), selects: selector(include) };
  const correction = await correct(undefined, document, manifest, selection);
  onProgress("Joining document and manifest");
  const vocabulary = await readVocabulary(home);
  const { tools, problems, notes, redundant } = joinTools(correction, {
    manifest,
    vocabulary,
    selection,
    others: new Set(toolNames),
  });
  const names = new Set([...toolNames, ...tools.map(({ name }) => name)]);
  refuse([...problems, ...aliasProblems(manifest, names)]);
  if (tools.length === 0)
    throw new ProblemsError([{ file: input.name, message: `no path matches ${include.join(", ")}` }]);
  // Whoever asked for a tool gets it without naming it again.
  const named = tools.map((tool) => ({ ...tool, level: "extended" as const }));
  const areas = areasOf(manifest, named);
  onProgress("Making the modules");
  const outputs = modulesOf(correction.corrected, areas);
  const owned = await ownedFiles(out, outputs.keys());
  if (!check) onProgress("Writing");
  const { changed, obsolete } = await (check ? compareOutputs : writeOutputs)(out, outputs, owned);
  return {
    tools: tools.length,
    files: [...outputs.keys()].sort(),
    changed: [...changed, ...obsolete].sort(),
    removed: obsolete,
    notes,
    redundant,
  };
}

function modulesOf(document: OpenApiDocument, areas: readonly AreaModel[]): Map<string, string> {
  const model = { version: document.info.version, areas, notes: [], redundant: [] };
  return new Map([
    ["openapi.ts", openapiTypes(document)],
    ["index.ts", registry(model, { own: true, from: runtime })],
    ...areas.flatMap((area): [string, string][] => [
      [`rows/${area.name}.ts`, rowsModule(area)],
      [`tools/${area.name}.ts`, toolModule(area, { download: runtime, file: runtime })],
    ]),
  ]);
}

/** Where this package has its `spec/`: beside the sources, or beside `dist/`. */
function packageFolder(): string {
  const above = [new URL("../", import.meta.url), new URL("../../", import.meta.url)].map((url) => fileURLToPath(url));
  return above.find((folder) => existsSync(joinPath(folder, "spec/vocabulary.yaml"))) ?? ".";
}

async function manifestOf(path: string | undefined, home: string): Promise<Manifest> {
  const inherited = await readInherited(home);
  if (path === undefined) return { areas: [], entries: [], texts: [], workflows: [], inherited };
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new ProblemsError([{ file: path, message: "does not exist" }]);
  const folder = found.isDirectory() ? path : dirname(path);
  const files = found.isDirectory() ? await listFolder(path, [".yaml", ".yml"]) : [basename(path)];
  const manifest = await readManifestFiles(folder, files, inherited);
  refuse(
    manifest.workflows.map(({ source, path: at }) =>
      source.problem(at, "tools made of several calls are this package's own: write a function instead", "key"),
    ),
  );
  refuse(
    manifest.texts.map(({ source, path: at, name }) =>
      source.problem([...at, "graphql"], `${name}: a tool of your own is an operation of the REST API`, "key"),
    ),
  );
  refuse(
    manifest.entries
      .filter(({ name }) => fixedNames.has(name))
      .map(({ source, path: at, name }) =>
        source.problem(at, `${name} is a tool of gitlab-agent-tools already`, "key"),
      ),
  );
  return manifest;
}

/** Documents need not name their operations. */
function withOperationIds(document: OpenApiDocument): OpenApiDocument {
  const taken = new Set([...operations(document)].flatMap(({ operation }) => operation.operationId ?? []));
  for (const { path, method, operation } of operations(document)) {
    if (operation.operationId !== undefined) continue;
    const plain = `${method}_${segmentsOf(path).map(snake).join("_")}`;
    let id = plain;
    for (let number = 2; taken.has(id); number += 1) id = `${plain}_${number}`;
    taken.add((operation.operationId = id));
  }
  return document;
}

/** The files of an earlier run; everything that is there and is not of one stays as it is. */
async function ownedFiles(out: string, outputs: Iterable<string>): Promise<string[]> {
  const folders = ["", "rows/", "tools/"];
  const listed = await Promise.all(
    folders.map(async (folder) => (await listFolder(joinPath(out, folder), [".ts"])).map((name) => `${folder}${name}`)),
  );
  const made = new Set(outputs);
  const owned: string[] = [];
  for (const file of listed.flat()) {
    const text = (await readText(joinPath(out, file))) ?? "";
    if (text.startsWith(header)) owned.push(file);
    else if (made.has(file))
      throw new ProblemsError([
        { file: joinPath(out, file), message: "was not made by generate, and is kept: choose another --out" },
      ]);
  }
  return owned;
}

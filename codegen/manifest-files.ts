import { join } from "node:path";
import type * as z from "zod";
import { functionName } from "../src/tools/function-name.js";
import { listFolder, readText } from "./files.js";
import {
  inheritedSchema,
  kindOf,
  manifestSchema,
  type Inherited,
  type ManifestFile,
  type ManifestTool,
  type ManifestWorkflow,
  type TextTool,
} from "./manifest.js";
import { ProblemsError, refuse, type Problem } from "./problem.js";
import { schemaProblems } from "./schema-problems.js";
import { YamlSource } from "./yaml-source.js";

export interface ManifestArea {
  readonly source: YamlSource;
  readonly file: ManifestFile;
}

/** A tool of the manifest with where it is written. */
export interface ManifestEntry<Tool = ManifestTool> {
  readonly name: string;
  readonly area: string;
  readonly source: YamlSource;
  readonly path: readonly string[];
  readonly tool: Tool;
}

/** A tool made of several calls, with where it is written. */
export interface WorkflowEntry extends Omit<ManifestEntry, "tool"> {
  readonly tool: ManifestWorkflow;
}

export interface Manifest {
  /** By area's name. */
  readonly areas: readonly ManifestArea[];
  /** By tool's name. */
  readonly entries: readonly ManifestEntry[];
  /** By tool's name. */
  readonly workflows: readonly WorkflowEntry[];
  /** The tools of GraphQL texts, by name. */
  readonly texts: readonly ManifestEntry<TextTool>[];
  readonly inherited: { readonly source: YamlSource; readonly value: Inherited };
}

/**
 * Reads `spec/tools/*.yaml` and `spec/parameters.yaml`.
 *
 * @throws {ProblemsError} with all that is wrong with their form.
 */
export async function readManifest(root: string): Promise<Manifest> {
  const names = await listFolder(join(root, "spec/tools"), [".yaml", ".yml"]);
  const files = names.map((name) => `spec/tools/${name}`);
  const manifest = await readManifestFiles(root, files, (problems) => readInheritedInto(root, problems));
  if (files.length === 0) throw new ProblemsError([{ file: "spec/tools", message: "has no manifest file (*.yaml)" }]);
  return manifest;
}

/**
 * Reads `spec/parameters.yaml` alone.
 *
 * @throws {ProblemsError} with all that is wrong with its form.
 */
export async function readInherited(root: string): Promise<Manifest["inherited"]> {
  const problems: Problem[] = [];
  const inherited = await readInheritedInto(root, problems);
  refuse(problems);
  return inherited;
}

async function readInheritedInto(root: string, problems: Problem[]): Promise<Manifest["inherited"]> {
  const read = await readFileAs(root, "spec/parameters.yaml", inheritedSchema, problems);
  return read ?? { source: new YamlSource("spec/parameters.yaml", "{}"), value: {} };
}

/**
 * Reads files of a manifest, below a folder.
 *
 * @throws {ProblemsError} with all that is wrong with their form.
 */
export async function readManifestFiles(
  root: string,
  files: readonly string[],
  inheriting: Manifest["inherited"] | ((problems: Problem[]) => Promise<Manifest["inherited"]>),
): Promise<Manifest> {
  const problems: Problem[] = [];
  const areas: ManifestArea[] = [];
  for (const file of files) {
    const read = await readFileAs(root, file, manifestSchema, problems);
    if (read) areas.push({ source: read.source, file: read.value });
  }
  const inherited = typeof inheriting === "function" ? await inheriting(problems) : inheriting;
  problems.push(...duplicates(areas));
  refuse(problems);
  areas.sort((a, b) => (a.file.area < b.file.area ? -1 : 1));
  const entries: ManifestEntry[] = [];
  const texts: ManifestEntry<TextTool>[] = [];
  for (const { source, file } of areas)
    for (const [name, tool] of Object.entries(file.tools)) {
      const entry = { name, area: file.area, source, path: ["tools", name] };
      const kind = kindOf(tool);
      if (kind === undefined)
        problems.push(
          tool.graphql === undefined
            ? source.problem(entry.path, '"operation" is missing', "key")
            : source.problem([...entry.path, "graphql"], '"operation" and "graphql" exclude each other', "key"),
        );
      else if ("rest" in kind) entries.push({ ...entry, tool: kind.rest });
      else texts.push({ ...entry, tool: kind.text });
    }
  refuse(problems);
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  const workflows = areas.flatMap(({ source, file }) =>
    Object.entries(file.workflows ?? {}).map(([name, tool]): WorkflowEntry => ({
      name,
      area: file.area,
      source,
      path: ["workflows", name],
      tool,
    })),
  );
  return {
    areas,
    entries: entries.sort(byName),
    texts: texts.sort(byName),
    workflows: workflows.sort(byName),
    inherited,
  };
}

async function readFileAs<S extends z.ZodType>(
  root: string,
  file: string,
  schema: S,
  problems: Problem[],
): Promise<{ source: YamlSource; value: z.infer<S> } | undefined> {
  const text = await readText(join(root, file));
  if (text === undefined) return undefined;
  try {
    const source = new YamlSource(file, text);
    const parsed = schema.safeParse(source.value, { reportInput: true });
    if (parsed.success) return { source, value: parsed.data };
    problems.push(...schemaProblems(source, schema, parsed.error));
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    problems.push(...error.problems);
  }
  return undefined;
}

/** Tools and areas that two files have, and tools that would be the same function. */
function duplicates(areas: readonly ManifestArea[]): Problem[] {
  const problems: Problem[] = [];
  const seenAreas = new Map<string, string>();
  const seenTools = new Map<string, () => ReturnType<YamlSource["place"]>>();
  for (const { source, file } of areas) {
    const other = seenAreas.get(file.area);
    if (other !== undefined)
      problems.push(source.problem(["area"], `duplicate area "${file.area}": ${other} has it too`));
    seenAreas.set(file.area, source.file);
    const names = (["tools", "workflows"] as const).flatMap((section) =>
      Object.keys(file[section] ?? {}).map((name) => [section, name] as const),
    );
    for (const [section, name] of names) {
      // Looked up for a duplicate only: finding a place walks the file.
      const place = () => source.place([section, name], "key");
      const first = seenTools.get(functionName(name))?.();
      if (first) {
        const other = `${first.file}:${first.line}:${first.column}`;
        problems.push({ ...place(), message: `duplicate tool "${name}": it is in ${other} already` });
      } else seenTools.set(functionName(name), place);
    }
  }
  return problems;
}

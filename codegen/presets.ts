import * as z from "zod";
import { accesses, isAtMost } from "../src/policy/access.js";
import { matchesGlob, matchesGlobs } from "../src/policy/glob.js";
import type { ToolModel } from "./model.js";
import { suggestion } from "./suggestion.js";
import { refuse, type Problem } from "./problem.js";
import { editorSchema, readSpecFile } from "./spec-file.js";

const presetsFile = "spec/presets.yaml";

const preset = z.strictObject({
  title: z.string().trim().min(1).describe("For a person: a few words."),
  description: z.string().trim().min(1).describe("What an agent can do with it, in a sentence."),
  access: z.enum(accesses).optional().describe("The most that a tool of it may do."),
  areas: z.array(z.string().min(1)).min(1).optional().describe("Only tools of these areas."),
  tools: z.array(z.string().min(1)).min(1).optional().describe("Names and globs; `!` takes away."),
});

const presetsSchema = z.strictObject({
  presets: z.record(z.string().regex(/^[a-z][a-z-]*$/, "has to be lower case with hyphens"), preset),
});

/** A selection of tools with a name. */
export interface PresetModel {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** By name. */
  readonly tools: readonly string[];
}

/** The JSON Schema that editors check `spec/presets.yaml` with. */
export function presetsJsonSchema(): object {
  return editorSchema("Presets", presetsSchema);
}

/**
 * Reads `spec/presets.yaml` and finds the tools of each preset.
 *
 * @throws {ProblemsError} with everything in it that has no meaning, and every preset that selects nothing
 */
export async function readPresets(root: string, tools: readonly ToolModel[]): Promise<PresetModel[]> {
  const file = await readSpecFile(root, presetsFile, presetsSchema);
  if (!file) return [];
  const problems: Problem[] = [];
  const names = tools.map(({ name }) => name);
  const areas = [...new Set(tools.map(({ area }) => area))];
  const presets = Object.entries(file.data.presets).map(([name, preset]): PresetModel => {
    const at = ["presets", name];
    const before = problems.length;
    for (const [index, area] of (preset.areas ?? []).entries())
      if (!areas.includes(area))
        problems.push(file.source.problem([...at, "areas", index], `unknown area "${area}"${suggestion(area, areas)}`));
    for (const [index, written] of (preset.tools ?? []).entries()) {
      const glob = written.replace(/^!/, "");
      if (!names.some((tool) => matchesGlob(tool, glob)))
        problems.push(file.source.problem([...at, "tools", index], `unknown tool "${glob}"${suggestion(glob, names)}`));
    }
    const selected = tools.filter(
      ({ name: tool, area, access, level }) =>
        // Globs, areas and access stay within the core; a name reaches every level.
        (level === "core" || preset.tools?.includes(tool)) &&
        (!preset.tools || matchesGlobs([tool], preset.tools)) &&
        (!preset.areas || preset.areas.includes(area)) &&
        (!preset.access || isAtMost(access, preset.access)),
    );
    if (selected.length === 0 && problems.length === before)
      problems.push(file.source.problem(at, `"${name}" selects no tool`, "key"));
    return {
      name,
      title: preset.title,
      description: preset.description,
      tools: selected.map(({ name: tool }) => tool),
    };
  });
  refuse(problems);
  return presets;
}

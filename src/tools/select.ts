import { presets, type PresetName } from "../../generated/presets.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { allDefinitions } from "./all-definitions.js";
import { byEveryName, renamed } from "./called.js";
import type { ToolDefinition } from "../definition/definition.js";
import type { Selection, SelectionLevel } from "./selection.js";
import { accesses, isAtMost } from "../policy/access.js";
import { matchesGlob, matchesGlobs, namesOf } from "../policy/glob.js";
import { nearest } from "../options/nearest.js";
import { tiers, type Tier } from "./abilities.js";
import { asOf, majorMinor, ruledOut } from "./ruled-out.js";
import { checkOptions, oneOrMore, strict, texts, unlessUndefined, word } from "../options/words.js";

export type { Selection, SelectionLevel };
export type { PresetName, Tier };

/** The presets' names. */
export const presetNames: readonly PresetName[] = Object.keys(presets).filter((name) => isPreset(name));

const levelLadder: readonly SelectionLevel[] = ["core", "extended", "all"];

const generated = allDefinitions();

// Words are checked below, where the error can say which there are.
const schema = strict<Selection>({
  preset: unlessUndefined(oneOrMore(word)),
  tools: unlessUndefined(texts),
  areas: unlessUndefined(texts),
  level: unlessUndefined(word),
  access: unlessUndefined(word),
  scopes: unlessUndefined(texts),
  tier: unlessUndefined(word),
  version: unlessUndefined(word),
});

/**
 * The definitions that a selection names, sorted by name.
 *
 * @param own tools of one's own, which are of every level
 * @throws {GitLabToolError} `unknown_tool` for a name or glob that no tool has, `invalid_input` for an area, preset,
 *   access or tier that does not exist
 */
export function selectTools(selection: Selection = {}, own: readonly ToolDefinition[] = []): readonly ToolDefinition[] {
  checkOptions(schema, selection, { of: "The selection" });
  const definitions = own.length === 0 ? generated : withOwn(own);
  const toolNames = definitions.map(({ name }) => name);
  const areaNames = [...new Set(definitions.map(({ area }) => area))].toSorted();
  const { preset, tools: globs, areas, level = "core", access, scopes, tier, version } = selection;
  const presetTools = preset === undefined ? undefined : toolsOf(typeof preset === "string" ? [preset] : preset);
  for (const area of areas ?? []) known("area", area, areaNames);
  known("level", level, levelLadder);
  if (access !== undefined) known("access", access, accesses);
  if (tier !== undefined) known("tier", tier, tiers);
  if (version !== undefined && !majorMinor(version))
    throw new GitLabToolError({
      code: "invalid_input",
      message: `${JSON.stringify(version.slice(0, 100))} is no version of GitLab.`,
      hint: "Give it as GET /metadata does: 18.3.1-ee.",
    });
  const everyName = byEveryName(definitions);
  for (const glob of globs ?? []) {
    const name = glob.replace(/^!/, "");
    if (![...everyName.keys()].some((tool) => matchesGlob(tool, name))) throw unknown("tool", name, toolNames);
    const tool = everyName.get(name);
    if (tool && tool.name !== name) warnOf(name, tool);
  }
  const named = new Set([...(globs ?? []), ...(presetTools ?? [])]);
  const within = definitions.filter(
    (definition) =>
      namesOf(definition).some((name) => named.has(name)) ||
      own.includes(definition) ||
      (isWithin(definition, level) && !definition.credentials && definition.same_as === undefined),
  );
  for (const glob of (globs ?? []).filter((one) => !one.startsWith("!")))
    if (!within.some((tool) => matchesGlobs(namesOf(tool), [glob]))) throw beyond(`of ${glob}`, level);
  for (const area of areas ?? [])
    if (!within.some((definition) => definition.area === area)) throw beyond(`of the area ${area}`, level);
  const offered = within.filter(
    (definition) =>
      (!presetTools || presetTools.has(definition.name)) &&
      (!globs || (globs.length > 0 && matchesGlobs(namesOf(definition), globs))) &&
      (!areas || areas.includes(definition.area)) &&
      (!access || isAtMost(definition.access, access)) &&
      !ruledOut(definition, { ...(scopes && { scopes }), ...(tier && { tier }), ...(version && { version }) }),
  );
  return version === undefined ? offered : offered.map((definition) => asOf(definition, version));
}

/** All tools, by name; one's own in place of GitLab's where the names are the same. */
function withOwn(own: readonly ToolDefinition[]): readonly ToolDefinition[] {
  const named = new Map([...generated, ...own].map((definition) => [definition.name, definition]));
  return [...named.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Why a tool that a selection names is not offered: scopes, plan or version rule it out. Nothing where it is not the
 * selection's anyway, or where there is no such tool.
 */
export function reasonAgainst(name: string, selection: Selection = {}): GitLabToolError | undefined {
  const { scopes, tier, version, ...rest } = selection;
  const tool = generated.find((definition) => definition.name === name);
  const reason =
    tool && ruledOut(tool, { ...(scopes && { scopes }), ...(tier && { tier }), ...(version && { version }) });
  return reason && selectTools(rest).some((definition) => definition.name === name) ? reason : undefined;
}

const warned = new Set<string>();

/** Said once: servers select for every request. */
function warnOf(alias: string, tool: ToolDefinition): void {
  if (warned.has(alias)) return;
  warned.add(alias);
  process.emitWarning(renamed(alias, tool), "DeprecationWarning");
}

const isWithin = ({ level = "core" }: ToolDefinition, selected: SelectionLevel): boolean =>
  selected === "all" || level === "core" || level === selected;

function beyond(what: string, level: SelectionLevel): GitLabToolError {
  return new GitLabToolError({
    code: "invalid_input",
    message: `No tool ${what} is of level ${level}.`,
    hint: 'Select a level that reaches further (level: "extended" or "all"), or name the tools in full.',
    details: { level },
  });
}

function isPreset(name: string): name is PresetName {
  return Object.hasOwn(presets, name);
}

function toolsOf(names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.flatMap((name): readonly string[] => {
      if (!isPreset(name)) throw unknown("preset", name, presetNames);
      return presets[name].tools;
    }),
  );
}

function known(what: "area" | "level" | "access" | "tier", value: string, names: readonly string[]): void {
  if (!names.includes(value)) throw unknown(what, value, names);
}

const plurals = {
  area: "areas",
  level: "levels",
  access: "kinds of access",
  tier: "tiers",
  preset: "presets",
} as const;

function unknown(what: "tool" | keyof typeof plurals, value: string, names: readonly string[]): GitLabToolError {
  const near = nearest(value, names);
  return new GitLabToolError({
    code: what === "tool" ? "unknown_tool" : "invalid_input",
    message: `There is no ${what} ${JSON.stringify(value.slice(0, 100))}${near ? `; did you mean ${near}?` : "."}`,
    hint:
      what === "tool"
        ? "List the tools: gitlab-agent-tools tools list."
        : `The ${plurals[what]} are ${names.join(", ")}.`,
    ...(near && { details: { nearest: near } }),
  });
}

import { tools } from "../../generated/registry.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { Access, ToolDefinition } from "../tools/definition.js";
import { nearest } from "../tools/nearest.js";

/** Which tools an agent gets. Everything that is given must hold. */
export interface Selection {
  /** Names or globs such as `gitlab_issue*`. */
  readonly tools?: readonly string[];
  readonly areas?: readonly string[];
  /** The most that a tool may do: `read` offers only reads, `write` nothing destructive. */
  readonly access?: Access;
}

const ladder: readonly Access[] = ["read", "write", "destructive"];

const definitions: readonly ToolDefinition[] = Object.values(tools).map((tool) => tool.definition);

/** `*` stands for any part of a name. */
function matches(name: string, glob: string): boolean {
  const pattern = glob
    .split("*")
    .map((part) => part.replace(/[^\w]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(name);
}

/** The definitions that a selection names, sorted by name. A name or area that does not exist is an error. */
export function selectTools(selection: Selection = {}): readonly ToolDefinition[] {
  const { tools: globs, areas, access } = selection;
  const areaNames = [...new Set(definitions.map(({ area }) => area))];
  for (const area of areas ?? []) if (!areaNames.includes(area)) throw unknown("area", area, areaNames);
  for (const glob of globs ?? []) {
    if (!definitions.some(({ name }) => matches(name, glob)))
      throw unknown(
        "tool",
        glob,
        definitions.map(({ name }) => name),
      );
  }
  return definitions.filter(
    (definition) =>
      (!globs || globs.some((glob) => matches(definition.name, glob))) &&
      (!areas || areas.includes(definition.area)) &&
      (!access || ladder.indexOf(definition.access) <= ladder.indexOf(access)),
  );
}

function unknown(what: "area" | "tool", given: string, names: readonly string[]): GitLabToolError {
  const near = nearest(given, names);
  return new GitLabToolError({
    code: what === "tool" ? "unknown_tool" : "invalid_input",
    message: `There is no ${what} ${JSON.stringify(given.slice(0, 100))}${near ? `; did you mean ${near}?` : ""}.`,
    hint: what === "area" ? `The areas are ${names.join(", ")}.` : "List the tools: gitlab-agent-tools tools list.",
    ...(near && { details: { nearest: near } }),
  });
}

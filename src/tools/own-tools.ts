import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { namesOf } from "../policy/glob.js";
import type { ToolDefinition } from "../definition/definition.js";
import { fixedNames } from "../../generated/tool-names.js";

/** A tool as a function: what `defineTool` makes. */
export interface OwnTool {
  readonly definition: ToolDefinition;
}

/** The definitions among what callers without types may have passed. */
export const definitionsIn = (tools: unknown): readonly ToolDefinition[] =>
  Array.isArray(tools) ? tools.flatMap((tool) => (tool as Partial<OwnTool> | null | undefined)?.definition ?? []) : [];

/**
 * A client's own tools by every name that they have or had. Such a name wins over one that was derived from GitLab's document: nobody has chosen
 * that one, and it may change with the document.
 *
 * @throws {GitLabToolError} `invalid_input` for what is no tool, and for a name that is taken
 */
export function ownTools(tools: readonly OwnTool[] = []): ReadonlyMap<string, ToolDefinition> {
  const own = new Map<string, ToolDefinition>();
  for (const candidate of tools) {
    // Callers without types may pass any function.
    const { definition } = candidate as Partial<OwnTool>;
    if (definition === undefined) throw refused("one of them was not made by defineTool");
    for (const name of namesOf(definition)) {
      if (fixedNames.has(name)) throw refused(`${name} is a tool of GitLab's`);
      if (own.has(name)) throw refused(`${name} stands there twice`);
      own.set(name, definition);
    }
  }
  return own;
}

function refused(because: string): GitLabToolError {
  return new GitLabToolError({
    code: "invalid_input",
    message: `The tools of createGitLab cannot be used: ${because}.`,
    hint: "Give each of your own tools a name that no other has.",
    details: { fields: [{ field: "tools", message: because }] },
  });
}

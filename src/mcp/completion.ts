import type { ToolAnswer } from "../adapters/toolbox.js";

/** What values are looked up among. */
export type CompletionKind = "project" | "branch" | "label";

/** Runs a tool; an error, or a tool that is not offered, is an answer. */
type RunTool = (tool: string, input: Readonly<Record<string, unknown>>) => Promise<ToolAnswer>;

const tools: Readonly<Record<CompletionKind, { readonly tool: string; readonly field: string }>> = {
  project: { tool: "gitlab_projects_list", field: "path_with_namespace" },
  branch: { tool: "gitlab_branches_list", field: "name" },
  label: { tool: "gitlab_issue_labels_list", field: "name" },
};

const most = 20;

/** Values that begin as the person has; none where they cannot be looked up. */
export async function complete(
  kind: CompletionKind,
  begun: string,
  project: string | undefined,
  run: RunTool,
): Promise<string[]> {
  if (kind !== "project" && !project) return [];
  const { tool, field } = tools[kind];
  const place = kind === "project" ? { membership: true, search_namespaces: true } : { project_id: project };
  const result = await run(tool, { ...place, ...(begun && { search: begun }), per_page: most });
  const { items } = result.structured;
  if (result.isError || !Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => {
    const value: unknown = typeof item === "object" && item !== null ? Reflect.get(item, field) : undefined;
    return typeof value === "string" ? [unmarked(value)] : [];
  });
}

/** A value goes back to GitLab as it is: the marks around other people's words are for models. */
const unmarked = (text: string): string => /^<untrusted-(\w+)>(.*)<\/untrusted-\1>$/s.exec(text)?.[2] ?? text;

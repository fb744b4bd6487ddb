import type { CiLintInput } from "../../generated/tools/pipelines.js";
import type { ToolData } from "../tools/registry-types.js";
import type { Workflow } from "./workflow.js";

/** What GitLab's linter says of a CI/CD configuration. */
export interface CiLinted {
  readonly valid: boolean;
  /** What was checked. */
  readonly checked: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** The jobs that it makes, stage by stage: `build: compile, docs`. */
  readonly stages: readonly string[];
  /** Files that it includes. */
  readonly includes: readonly string[];
}

/** Checks a text, or the project's own file: https://docs.gitlab.com/api/lint/ */
export const run: Workflow<CiLintInput, CiLinted> = async (steps, { project_id, content, ref, dry_run = false }) => {
  const options = { project_id, dry_run, include_jobs: true };
  const result =
    content === undefined
      ? await steps.read("gitlab_ci_lint_get", {
          ...options,
          ...(ref !== undefined && { content_ref: ref, ...(dry_run && { dry_run_ref: ref }) }),
        })
      : await steps.read("gitlab_project_ci_lint", { ...options, content, ...(ref !== undefined && { ref }) });
  const file = `the project's file on ${ref ?? "the default branch"}`;
  return {
    valid: result.valid ?? false,
    checked: content === undefined ? file : "content",
    errors: result.errors ?? [],
    warnings: result.warnings ?? [],
    stages: stagesOf(result),
    includes: listOf(result.includes)
      .map(({ location, type }) => location ?? type ?? "")
      .filter((one) => one !== ""),
  };
};

/** What answers in GitLab's place may send anything. */
function listOf<Item>(value: readonly Item[] | null | undefined): readonly Item[] {
  return value instanceof Array ? value : [];
}

function stagesOf({ jobs }: ToolData<"gitlab_project_ci_lint">): string[] {
  const stages = new Map<string, string[]>();
  for (const { stage, name, when } of listOf(jobs)) {
    const job = `${String(name)}${when === "manual" || when === "delayed" ? ` (${when})` : ""}`;
    const own = stages.get(String(stage)) ?? [];
    stages.set(String(stage), [...own, job]);
  }
  return [...stages].map(([stage, names]) => `${stage}: ${names.join(", ")}`);
}

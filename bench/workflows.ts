import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { tokens } from "./answers.js";

/** What a tool of several calls costs, beside the answers of GitLab's that it is made of, in tokens. */
export interface WorkflowCost {
  readonly tool: string;
  readonly calls: number;
  /** What GitLab answered, as it is. */
  readonly full: number;
  /** What a model reads. */
  readonly text: number;
}

/** Asks the working day's tools and those of GraphQL once each, in the emulator's own GitLab. */
export async function measureWorkflows(): Promise<WorkflowCost[]> {
  const emulator = await createGitLabEmulator({ plan: "ultimate" });
  let bodies: Promise<string>[] = [];
  const gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: emulator.baseUrl } },
    fetch: async (...request) => {
      const response = await fetch(...request);
      bodies.push(response.clone().text());
      return response;
    },
  });
  try {
    const identifier = "ada";
    await gitlab.connectWithToken({
      identifier,
      token: emulator.tokens.create({ username: "ada", scopes: ["api"] }),
    });
    const toolbox = createToolbox({ gitlab, identifier, select: { level: "extended" } });
    const project_id = "acme/app";
    const own = emulator.state.projectByPath(project_id)?.id;
    const red = emulator.state.planning.pipelines.findLast(
      ({ projectId, status }) => projectId === own && status === "failed",
    );
    const long = emulator.state.planning.pipelines
      .flatMap(({ jobs }) => jobs)
      .find(({ generatedLines }) => generatedLines > 0);
    const asked: readonly (readonly [tool: string, input: object])[] = [
      ["gitlab_pipeline_diagnose", { project_id, pipeline_id: red?.id }],
      ["gitlab_pipeline_wait", { project_id, pipeline_id: red?.id }],
      ["gitlab_ci_lint", { project_id }],
      ["gitlab_my_work_list", {}],
      ["gitlab_job_log_get", { project_id, job_id: long?.id, grep: "case 000123" }],
      ["gitlab_job_log_get", { project_id, job_id: long?.id, section: "get_sources" }],
      ["gitlab_work_items_list", { project_id }],
      ["gitlab_work_item_get", { project_id, work_item: "#1" }],
      ["gitlab_work_item_children_list", { project_id, work_item: "#1" }],
      ["gitlab_work_item_links_list", { project_id, work_item: "#1" }],
      ["gitlab_work_item_notes_list", { project_id, work_item: "#1" }],
      ["gitlab_work_item_types_list", { project_id }],
      ["gitlab_epics_list", { group_id: "acme" }],
      ["gitlab_iterations_list", { group_id: "acme" }],
      ["gitlab_vulnerabilities_list", { project_id }],
      ["gitlab_merge_request_overview_get", { project_id, merge_request_iid: 1 }],
      ["gitlab_project_overview_get", { project_id }],
    ];
    const costs: WorkflowCost[] = [];
    for (const [tool, input] of asked) {
      bodies = [];
      const { text } = await toolbox.run(tool, input);
      const answers = await Promise.all(bodies);
      const named = Object.keys(input).find((name) => name === "grep" || name === "section");
      costs.push({
        tool: named === undefined ? tool : `${tool}, ${named}`,
        calls: answers.length,
        full: answers.reduce((sum, answer) => sum + tokens(answer), 0),
        text: tokens(text),
      });
    }
    return costs;
  } finally {
    await gitlab.close();
    await emulator.close();
  }
}

import type { GitLab } from "gitlab-agent-tools";
import type { GitLabEmulator } from "gitlab-agent-tools/testing";
import { issuesList } from "gitlab-agent-tools/tools";
import { expect } from "vitest";

/** What the person asks for. */
export const request = "Show me all open P1 bugs in acme/app and create a summary issue linking them.";

/** What a model does next: call a tool, or answer. */
export type Step = Readonly<{ tool: string; input: Readonly<Record<string, unknown>> } | { say: string }>;

const project_id = "acme/app";

/** A model that can read: it goes by what the tools have answered so far, as any model has to. */
export function nextStep(answers: readonly string[]): Step {
  const [bugs, summary] = answers;
  if (bugs === undefined) {
    return { tool: "gitlab_issues_list", input: { project_id, state: "opened", labels: "bug,p1", per_page: "50" } };
  }
  if (summary === undefined) {
    const links = [...bugs.matchAll(/^\[(\d+),"((?:[^"\\]|\\.)*)"/gm)].map(([, iid, title]) => `- #${iid} ${title}`);
    const description = `${links.length} open P1 bugs:\n\n${links.join("\n")}`;
    return {
      tool: "gitlab_issue_create",
      input: { project_id, title: "Open P1 bugs", description, labels: ["triage"] },
    };
  }
  return { say: `I have put them together in ${/"web_url":"([^"]+)"/.exec(summary)?.[1]}` };
}

/** The summary is there, links every open P1 bug and nothing else, and was written by the person. */
export async function expectSummary(gitlab: GitLab, emulator: GitLabEmulator, said: string): Promise<void> {
  const writes = emulator.requests.filter(({ method, path }) => method === "POST" && path.startsWith("/api/v4/"));
  expect(writes.map(({ username, path }) => [username, path])).toEqual([["ada", "/api/v4/projects/acme%2Fapp/issues"]]);
  const account = gitlab.as("user_ada");
  const { data: bugs } = await issuesList(account, {
    project_id,
    state: "opened",
    labels: ["bug", "p1"],
    per_page: 100,
  });
  expect(bugs.length).toBeGreaterThan(3);
  const { data: found } = await issuesList(account, { project_id, search: "Open P1 bugs", in: "title" });
  const [summary] = found;
  const linked = [...(summary?.description ?? "").matchAll(/#(\d+)/g)].map(([, iid]) => Number(iid));
  const order = (a: number, b: number): number => a - b;
  expect(linked.toSorted(order)).toEqual(bugs.map(({ iid }) => iid).toSorted(order));
  expect(said).toBe(`I have put them together in ${summary?.web_url}`);
}

import { tokens } from "../answers.js";
import type { Figure } from "./figure.js";
import { talk } from "./mcp-client.js";
import { inRounds } from "./process.js";

const rounds = 9;

type McpPackage = "gitlab-agent-tools" | "@zereight/mcp-gitlab";

export interface MeasuredGitLab {
  readonly baseUrl: string;
  readonly token: string;
}

/** As each package's documentation has clients start it. */
function command(
  server: McpPackage,
  { baseUrl, token }: MeasuredGitLab,
): [args: string[], env: Record<string, string>] {
  return server === "gitlab-agent-tools"
    ? [["../../dist/src/cli/main.js", "mcp"], { GITLAB_TOKEN: token, GITLAB_URL: baseUrl }]
    : [
        ["node_modules/@zereight/mcp-gitlab/build/index.js"],
        { GITLAB_PERSONAL_ACCESS_TOKEN: token, GITLAB_API_URL: `${baseUrl}/api/v4` },
      ];
}

/** The same questions, in the words of each server. */
async function questions({ baseUrl, token }: MeasuredGitLab): Promise<Record<McpPackage, [string, object][]>> {
  const first = async (path: string): Promise<Record<string, number | string>> => {
    const response = await fetch(`${baseUrl}/api/v4/projects/acme%2Fapp/${path}`, {
      headers: { "PRIVATE-TOKEN": token },
    });
    return ((await response.json()) as [Record<string, number | string>])[0];
  };
  const { iid } = await first("issues?state=opened");
  const { iid: merge_request_iid } = await first("merge_requests?state=opened");
  const { id: sha } = await first("repository/commits");
  const project_id = "acme/app";
  const issues = { project_id, state: "opened", per_page: 20 };
  const issue = { project_id, issue_iid: iid };
  const mergeRequest = { project_id, merge_request_iid };
  const file = { project_id, file_path: "README.md", ref: "main" };
  const forPeer = (input: object): object =>
    Object.fromEntries(
      Object.entries(input).map(([name, value]) => [name, name === "per_page" ? value : String(value)]),
    );
  return {
    "gitlab-agent-tools": [
      ["gitlab_issues_list", issues],
      ["gitlab_issue_get", issue],
      ["gitlab_merge_requests_list", issues],
      ["gitlab_merge_request_get", mergeRequest],
      ["gitlab_merge_request_diff_get", mergeRequest],
      ["gitlab_commit_get", { project_id, sha }],
      ["gitlab_issue_labels_list", { project_id }],
      ["gitlab_file_get", file],
    ],
    "@zereight/mcp-gitlab": [
      // Without a scope, it lists the issues that the person has made.
      ["list_issues", forPeer({ ...issues, scope: "all" })],
      ["get_issue", forPeer(issue)],
      ["list_merge_requests", forPeer(issues)],
      ["get_merge_request", forPeer(mergeRequest)],
      ["get_merge_request_diffs", forPeer(mergeRequest)],
      ["get_commit", forPeer({ project_id, sha })],
      ["list_labels", { project_id }],
      ["get_file_contents", forPeer(file)],
    ],
  };
}

/** Starting an MCP server, the list of its tools, and what a model reads of its answers. */
export async function mcpFigures(gitlab: MeasuredGitLab): Promise<Figure[]> {
  const ours = "gitlab-agent-tools";
  const peer = "@zereight/mcp-gitlab";
  const servers = [ours, peer] as const;
  const runs = await inRounds(rounds, servers, (server) => talk(...command(server, gitlab)));
  const asked = await questions(gitlab);
  const answered: Partial<Record<McpPackage, number[]>> = {};
  for (const server of servers) {
    const calls = asked[server].map(([name, input]) => ({ name, arguments: input }));
    const { answers } = await talk(...command(server, gitlab), calls);
    answered[server] = answers.map(tokens);
  }
  const by = (of: (server: McpPackage) => number): Record<string, number> =>
    Object.fromEntries(servers.map((server) => [server, of(server)]));
  const sum = (counts: readonly number[] = []): number => counts.reduce((total, count) => total + count, 0);
  const bar = { most: 1, of: peer };
  return [
    {
      title: "MCP server: from its start to its list of tools, processor time",
      ...{ unit: "ms", ours, bar },
      // What else the machine does only adds: here and below, the least counts.
      values: by((server) => Math.min(...runs[server].map(({ cost }) => cost.cpuMs))),
    },
    {
      title: "MCP server: from its start to its first answer, the best of all starts",
      ...{ unit: "ms", ours, bar: { most: 300 } },
      values: by((server) => Math.min(...runs[server].map(({ handshake }) => handshake))),
    },
    {
      title: "MCP tools offered",
      unit: "",
      ours,
      more: true,
      values: by((server) => runs[server][0]?.tools.length ?? 0),
    },
    {
      title: "Definitions of the MCP tools, as sent",
      ...{ unit: "tokens", ours, bar },
      values: by((server) => tokens(JSON.stringify({ tools: runs[server][0]?.tools }))),
    },
    {
      title: `What a model reads of ${asked[ours].length} everyday answers, in all`,
      ...{ unit: "tokens", ours, bar },
      values: by((server) => sum(answered[server])),
    },
  ];
}

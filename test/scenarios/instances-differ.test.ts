import { createGitLab, type GitLab } from "gitlab-agent-tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { serveMcp } from "gitlab-agent-tools/mcp";
import { expect, onTestFinished, test } from "vitest";
import { httpClient } from "../mcp/clients.js";
import { emulator } from "../support/emulated.js";

/** An agent of an old Community Edition, whose token may only read. */
async function oldInstance(options: { lookups?: false } = {}) {
  const server = await emulator({ instance: "self-managed", plan: "free" });
  server.on("GET", "/api/v4/metadata", () => ({ body: { version: "15.6.2", enterprise: false } }));
  let now = Date.now();
  const gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl: server.baseUrl } },
    now: () => now,
    ...options,
  });
  onTestFinished(() => gitlab.close());
  const token = server.tokens.create({ username: "ada", scopes: ["read_api"] });
  await gitlab.connectWithToken({ identifier: "ada", token });
  const asked = (): number => server.requests.filter(({ path }) => path.endsWith("/metadata")).length;
  const later = (ms: number): void => {
    now += ms;
  };
  return { server, gitlab, asked, later };
}

const abilitiesOf = (gitlab: GitLab) => gitlab.actions.getAbilities({ identifier: "ada" });

test("an account's abilities are its scopes, and its instance's version and edition; asked for once in ten minutes", async () => {
  const { gitlab, asked, later } = await oldInstance();
  expect(await abilitiesOf(gitlab)).toEqual({ scopes: ["read_api"], version: "15.6.2", tier: "free" });
  await abilitiesOf(gitlab);
  expect(asked()).toBe(1);
  later(600_001);
  await abilitiesOf(gitlab);
  expect(asked()).toBe(2);
});

test("of an instance that does not say what it is, nothing is known; nor where lookups are not wanted", async () => {
  const { gitlab, server } = await oldInstance();
  server.on("GET", "/api/v4/metadata", () => ({ status: 403, body: { message: "403 Forbidden" } }));
  expect(await abilitiesOf(gitlab)).toEqual({ scopes: ["read_api"] });
  const quiet = await oldInstance({ lookups: false });
  expect(await abilitiesOf(quiet.gitlab)).toEqual({ scopes: ["read_api"] });
  expect(quiet.asked()).toBe(0);
});

test("an account that there is not has no abilities", async () => {
  const { gitlab } = await oldInstance();
  await expect(gitlab.actions.getAbilities({ identifier: "ben" })).rejects.toMatchObject({ code: "account_not_found" });
});

const ruledOut = [
  [
    "gitlab_merge_request_diff_get",
    "not_available",
    "gitlab_merge_request_diff_get needs GitLab 15.7; the instance has 15.6.2.",
  ],
  [
    "gitlab_merge_request_approvals_get",
    "premium_required",
    "gitlab_merge_request_approvals_get needs GitLab Premium; the plan here is free.",
  ],
  ["gitlab_issue_create", "insufficient_scope", "gitlab_issue_create needs the scope api; the account has read_api."],
] as const;

test("an agent is not offered what scopes, plan and version rule out, and is told why when it asks for it", async () => {
  const { gitlab, server } = await oldInstance();
  const toolbox = createToolbox({ gitlab, identifier: "ada", select: await abilitiesOf(gitlab) });
  const names = toolbox.definitions.map(({ name }) => name);
  expect(names).toContain("gitlab_merge_request_get");
  const before = server.requests.length;
  for (const [name, code, message] of ruledOut) {
    expect(names).not.toContain(name);
    const { structured, isError } = await toolbox.run(name, { project_id: "acme/app", merge_request_iid: 7 });
    expect({ ...structured, isError }).toMatchObject({ isError: true, code, message });
  }
  expect(server.requests.length).toBe(before);
});

test("what else was not selected is simply not there", async () => {
  const { gitlab } = await oldInstance();
  const select = { areas: ["issues"], ...(await abilitiesOf(gitlab)) };
  const toolbox = createToolbox({ gitlab, identifier: "ada", select });
  expect((await toolbox.run("gitlab_merge_request_diff_get", {})).structured).toMatchObject({ code: "unknown_tool" });
});

test("discovery finds only what can be used, and says why the rest cannot", async () => {
  const { gitlab } = await oldInstance();
  const select = await abilitiesOf(gitlab);
  const toolbox = createToolbox({ gitlab, identifier: "ada", discovery: true, select });
  const found = await toolbox.run("gitlab_tools_find", { query: "diff of a merge request, changed files", limit: 20 });
  expect(found.text).not.toContain("gitlab_merge_request_diff_get (");
  for (const [name, code] of ruledOut)
    for (const tool of ["gitlab_tool_describe", "gitlab_tool_call"])
      expect((await toolbox.run(tool, { name })).structured).toMatchObject({ code });
});

test("an MCP server offers each person what account and instance can do", async () => {
  const { gitlab, asked } = await oldInstance();
  const server = await serveMcp({ gitlab });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { token } = await gitlab.createSession({ identifier: "ada" });
  const client = await httpClient(server.url, token);
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toContain("gitlab_merge_request_get");
  for (const [name] of ruledOut) expect(names).not.toContain(name);
  await client.listTools();
  expect(asked()).toBe(1);
});

test("a version that is none is refused", () => {
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: "https://gitlab.example" } } });
  onTestFinished(() => gitlab.close());
  const select = { version: "latest" };
  expect(() => createToolbox({ gitlab, identifier: "ada", select })).toThrow('"latest" is no version of GitLab');
});

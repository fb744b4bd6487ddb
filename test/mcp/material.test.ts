import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveMcp } from "gitlab-agent-tools/mcp";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { startEmulated, type Emulated } from "../support/emulated.js";
import { httpClient } from "./clients.js";

let emulated: Awaited<ReturnType<typeof startEmulated>>;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  emulated = await startEmulated();
});

afterAll(async () => {
  for (const end of ends) await end();
  await emulated.close();
});

/** A client whose session has a policy and a selection. */
async function client(session: Partial<Parameters<Emulated["gitlab"]["createSession"]>[0]> = {}): Promise<Client> {
  const { gitlab } = emulated;
  const server = await serveMcp({ gitlab });
  ends.push(() => server.close({ graceMs: 0 }));
  const { token } = await gitlab.createSession({ identifier: "user_ada", ...session });
  return await httpClient(server.url, token);
}

const inApp = "gitlab://projects/acme%2Fapp";

describe("resources", () => {
  test("are read by address: files, issues, merge requests and logs", async () => {
    const ada = await client();
    const { resourceTemplates } = await ada.listResourceTemplates();
    expect(resourceTemplates.map(({ name }) => name)).toEqual(["file", "issue", "merge_request", "job_log"]);
    const text = async (uri: string): Promise<string> => {
      const [content] = (await ada.readResource({ uri })).contents;
      return content && "text" in content ? content.text : "";
    };
    expect(await text(`${inApp}/files/main/README.md`)).toMatch(/^# /);
    expect(await text(`${inApp}/issues/3`)).toContain('"iid":3');
    expect(await text(`${inApp}/merge_requests/1`)).toContain('"iid":1');
  });

  test("that do not exist, or lie outside the session's projects, are refused", async () => {
    const ada = await client({ policy: { projects: ["acme/website"] } });
    await expect(ada.readResource({ uri: `${inApp}/issues/3` })).rejects.toThrow(/acme\/app|project/);
    const all = await client();
    for (const uri of [`${inApp}/issues/99999`, `${inApp}/nothing/3`, `${inApp}/files/main/%E0%A4%A`])
      await expect(all.readResource({ uri })).rejects.toMatchObject({ code: -32_602 });
  });

  test("are offered where the tools that read them are", async () => {
    const issues = await client({ select: { areas: ["issues"] } });
    const { resourceTemplates } = await issues.listResourceTemplates();
    expect(resourceTemplates.map(({ name }) => name)).toEqual(["issue"]);
    await expect(issues.readResource({ uri: `${inApp}/files/main/README.md` })).rejects.toMatchObject({
      code: -32_602,
    });
  });
});

describe("prompts", () => {
  test("are what people ask for, with their arguments filled in", async () => {
    const ada = await client();
    const { prompts } = await ada.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual([
      "review_merge_request",
      "triage_issues",
      "why_is_the_pipeline_red",
      "release_notes",
      "on_my_plate",
      "standup",
    ]);
    const args = { project: "acme/app" };
    const { messages } = await ada.getPrompt({ name: "why_is_the_pipeline_red", arguments: args });
    expect(JSON.stringify(messages)).toContain("acme/app on the default branch");
    await expect(ada.getPrompt({ name: "review_merge_request", arguments: args })).rejects.toThrow(/merge_request/);
    await expect(ada.getPrompt({ name: "constructor" })).rejects.toMatchObject({ code: -32_602 });
  });

  test("are offered where their tools are", async () => {
    const { prompts } = await (await client({ select: { areas: ["issues"] } })).listPrompts();
    expect(prompts.map(({ name }) => name)).not.toContain("review_merge_request");
  });
});

test("projects, branches and labels are completed from what the person may see", async () => {
  const ada = await client();
  const ref = { type: "ref/prompt" as const, name: "why_is_the_pipeline_red" };
  const projects = await ada.complete({ ref, argument: { name: "project", value: "acme" } });
  expect(projects.completion.values).toContain("acme/app");
  const branches = await ada.complete({
    ref,
    argument: { name: "branch", value: "ma" },
    context: { arguments: { project: "acme/app" } },
  });
  expect(branches.completion.values).toContain("main");
  const template = { type: "ref/resource" as const, uri: "gitlab://projects/{project_id}/issues/{issue_iid}" };
  const byUri = await ada.complete({ ref: template, argument: { name: "project_id", value: "acme/ap" } });
  expect(byUri.completion.values).toContain("acme/app");
  expect((await ada.complete({ ref, argument: { name: "other", value: "" } })).completion.values).toEqual([]);
});

test("an image of a repository comes as an image", async () => {
  const { gitlab } = emulated;
  const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==";
  await gitlab.executeTool({
    identifier: "user_ada",
    toolName: "gitlab_file_create",
    toolInput: {
      project_id: "acme/app",
      file_path: "dot.png",
      branch: "main",
      commit_message: "A dot",
      content: png,
      encoding: "base64",
    },
  });
  const ada = await client();
  const called = await ada.callTool({
    name: "gitlab_file_get",
    arguments: { project_id: "acme/app", file_path: "dot.png", ref: "main" },
  });
  expect(called.content).toContainEqual({ type: "image", mimeType: "image/png", data: png });
  const { contents } = await ada.readResource({ uri: `${inApp}/files/main/dot.png` });
  expect(contents).toEqual([{ uri: `${inApp}/files/main/dot.png`, mimeType: "image/png", blob: png }]);
});

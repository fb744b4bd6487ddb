import { getTools } from "gitlab-agent-tools/langchain";
import { serveMcp } from "gitlab-agent-tools/mcp";
import { mergeRequestDiscussionsList, pipelinesList } from "gitlab-agent-tools/tools";
import { onTestFinished, expect, test } from "vitest";
import { selectTools } from "../../src/tools/select.js";
import { httpClient, textOf } from "../mcp/clients.js";
import { project_id, reviewed } from "../workflows/reviewed.js";

// Every tool that is not one operation of the REST API, once by each way that agents call, with what people would give:
// those of several calls, and those of the GraphQL API.

type Input = Record<string, unknown>;
type Call = (name: string, input: Input) => Promise<string>;
type Scene = Awaited<ReturnType<typeof reviewed>>;

const handMade = selectTools({ level: "extended" }).filter(({ steps, graphql }) => steps ?? graphql);

const ways: Readonly<Record<string, (scene: Scene) => Promise<Call>>> = {
  LangChain({ gitlab, ada: { identifier } }) {
    const tools = getTools({ gitlab, identifier, select: { level: "extended" } });
    return Promise.resolve(async (name, args) => {
      const call = { type: "tool_call", id: name, name, args } as const;
      const answer: unknown = await tools.find((tool) => tool.name === name)?.invoke(call);
      return String(Reflect.get(Object(answer), "text"));
    });
  },
  async MCP({ gitlab, ada: { identifier } }) {
    const server = await serveMcp({ gitlab, select: { level: "extended" }, confirm: "never" });
    onTestFinished(() => server.close({ graceMs: 0 }));
    const { token } = await gitlab.createSession({ identifier, select: { level: "extended" } });
    const client = await httpClient(server.url, token);
    return async (name, input) => textOf(await client.callTool({ name, arguments: input }));
  },
};

test.each(Object.keys(ways))("each of the tools that are made by hand works through %s", async (way) => {
  const scene = await reviewed({}, "ultimate");
  const { at, plain, emulator } = scene;
  const call = await ways[way]?.(scene);
  const called = new Map<string, string>();
  /** Calls a tool as an agent does, and reads its answer as one. */
  const run = async (name: string, input: Input): Promise<string> => {
    const text = (await call?.(name, input)) ?? "";
    expect(text, name).not.toMatch(/"retryable":/);
    expect(text, name).not.toBe("");
    called.set(name, text);
    return text;
  };
  const found = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? `nothing like ${pattern.source}`;

  expect(await run("gitlab_merge_request_changed_files_list", at)).toContain("src/values.ts");
  const file = { ...at, file: "src/values.ts" };
  expect(await run("gitlab_merge_request_file_diff_get", file)).toContain("+const twice = 2;");
  await run("gitlab_merge_request_comment", { ...file, line: "10", body: "May throw.", suggestion: "safe();" });
  await run("gitlab_merge_request_comment", { ...at, quote: "const twice = 2;", body: "Used?", draft: true });
  expect(await run("gitlab_merge_request_review_submit", { ...at, verdict: "comment" })).toContain('"body":"Used?"');
  expect(await run("gitlab_merge_request_threads_list", { ...at, resolved: false })).toContain("May throw.");
  const threads = (await mergeRequestDiscussionsList(plain, at)).data.flatMap(({ id, notes }) =>
    (notes ?? []).map(({ body, suggestions }) => ({ id, body, suggestion: suggestions?.[0]?.id })),
  );
  const suggested = threads.find(({ suggestion }) => suggestion !== undefined);
  const asked = threads.find(({ body }) => body === "Used?");
  await run("gitlab_merge_request_thread_reply", { ...at, discussion_id: asked?.id, body: "By the tests." });
  await run("gitlab_merge_request_thread_resolve", { ...at, discussion_ids: [asked?.id], resolved: "true" });
  await run("gitlab_merge_request_suggestion_apply", { ...at, suggestion_ids: [suggested?.suggestion] });
  const edit = { old_text: "two", new_text: "2", commit_message: "Count" };
  await run("gitlab_file_edit", { project_id, branch: "after", file_path: "src/added.ts", ...edit });
  expect(await run("gitlab_ci_lint", { project_id })).toContain('"valid":true');
  const [failed] = (await pipelinesList(plain, { project_id, status: "failed" })).data;
  await run("gitlab_pipeline_diagnose", { project_id, pipeline_id: failed?.id });
  expect(await run("gitlab_pipeline_wait", { project_id, pipeline_id: failed?.id })).toContain('"done":true');
  await run("gitlab_my_work_list", {});

  await run("gitlab_project_overview_get", { project_id });
  await run("gitlab_merge_request_overview_get", at);
  await run("gitlab_iterations_list", { group_id: "acme" });
  await run("gitlab_iteration_cadences_list", { group_id: "acme" });
  await run("gitlab_epics_list", { group_id: "acme" });
  // The emulator scans nothing: what a scanner found is answered by hand.
  const id = "gid://gitlab/Vulnerability/7";
  const finding = {
    id,
    title: "SQL injection",
    severity: "CRITICAL",
    state: "DETECTED",
    project: { fullPath: project_id },
  };
  const answer = (data: object): void => {
    emulator.faults.add({ path: "/api/graphql", status: 200, body: { data } });
  };
  answer({ project: { vulnerabilities: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [finding] } } });
  expect(await run("gitlab_vulnerabilities_list", { project_id })).toContain("SQL injection");
  answer({ vulnerability: finding });
  expect(await run("gitlab_vulnerability_get", { vulnerability_id: id })).toContain("SQL injection");
  answer({ vulnerabilityConfirm: { errors: [], vulnerability: { ...finding, state: "CONFIRMED" } } });
  const set = { vulnerability_id: id, state: "confirmed", comment: "Seen." };
  expect(await run("gitlab_vulnerability_state_set", set)).toContain("CONFIRMED");

  await run("gitlab_work_item_types_list", { project_id });
  const reference = /"reference":"(acme\/app#\d+)"/;
  const create = async (type: string, title: string): Promise<string> =>
    found(await run("gitlab_work_item_create", { project_id, type, title }), reference);
  const [parent, child, other] = [
    await create("Issue", "All"),
    await create("Task", "A part"),
    await create("Task", "Two"),
  ];
  await run("gitlab_work_item_update", { work_item: parent, description: "All of it", add_labels: ["bug"] });
  expect(await run("gitlab_work_item_get", { work_item: parent })).toContain("All of it");
  expect(await run("gitlab_work_items_list", { project_id, search: "A part" })).toContain("A part");
  await run("gitlab_work_item_children_add", { work_item: parent, children: [child, other] });
  await run("gitlab_work_item_child_reorder", { work_item: other, adjacent: child, position: "BEFORE" });
  expect(await run("gitlab_work_item_children_list", { work_item: parent })).toContain("A part");
  await run("gitlab_work_item_link_add", { work_item: parent, linked_items: [`${project_id}#1`] });
  expect(await run("gitlab_work_item_links_list", { work_item: parent })).toContain(`${project_id}#1`);
  await run("gitlab_work_item_link_remove", { work_item: parent, linked_items: [`${project_id}#1`] });
  const note = found(
    await run("gitlab_work_item_note_create", { work_item: parent, body: "First" }),
    /(gid:\/\/gitlab\/\w*Note\/\d+)/,
  );
  await run("gitlab_work_item_note_update", { note_id: note, body: "First of all" });
  expect(await run("gitlab_work_item_notes_list", { work_item: parent })).toContain("First of all");
  await run("gitlab_work_item_note_delete", { note_id: note });
  const thread = found(
    await run("gitlab_work_item_thread_create", { work_item: parent, body: "Why?" }),
    /(gid:\/\/gitlab\/Discussion\/\w+)/,
  );
  await run("gitlab_work_item_thread_resolve", { discussion_id: thread, resolve: true });
  await run("gitlab_work_item_convert", { work_item: await create("Issue", "Small"), type: "Task" });
  await run("gitlab_work_item_delete", { work_item: other });

  expect([...called.keys()].toSorted()).toEqual(handMade.map(({ name }) => name).toSorted());
});

import { getTools } from "gitlab-agent-tools/openai";
import OpenAI from "openai";
import type { ResponseCreateParams } from "openai/resources/responses/responses";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import type { ResponseInput, ResponseInputItem } from "openai/resources/responses/responses";
import { fileCreate } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { emulated } from "../support/emulated.js";
import { json, serve } from "../support/server.js";
import { expectSummary, nextStep, request, type Step } from "./p1-summary.js";

const model = "scripted";

interface ResponsesBody {
  readonly input: readonly { readonly type?: string; readonly output?: string }[];
  readonly tools: readonly { readonly name: string; readonly type: string; readonly strict: boolean }[];
}

interface ChatBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools: readonly { readonly function: { readonly name: string } }[];
}

function response(step: Step, number: number): unknown {
  const call = { type: "function_call", id: `fc_${number}`, call_id: `call_${number}`, status: "completed" };
  const output =
    "say" in step
      ? {
          type: "message",
          id: "msg",
          role: "assistant",
          content: [{ type: "output_text", text: step.say, annotations: [] }],
        }
      : { ...call, name: step.tool, arguments: JSON.stringify(step.input) };
  return { id: `resp_${number}`, object: "response", status: "completed", model, output: [output] };
}

function completion(step: Step, number: number): unknown {
  const message =
    "say" in step
      ? { role: "assistant", content: step.say }
      : {
          role: "assistant",
          content: null,
          tool_calls: [
            {
              id: `call_${number}`,
              type: "function",
              function: { name: step.tool, arguments: JSON.stringify(step.input) },
            },
          ],
        };
  return { id: "c", object: "chat.completion", model, choices: [{ index: 0, message, finish_reason: "stop" }] };
}

/** OpenAI's API with a model that does the script's next step. */
async function openAi(): Promise<{ client: OpenAI; offered: Set<string> }> {
  const offered = new Set<string>();
  const server = await serve(({ url, body }, answer) => {
    if (url.endsWith("/responses")) {
      const { input, tools } = JSON.parse(body) as ResponsesBody;
      for (const { name } of tools) offered.add(name);
      const answers = input.flatMap(({ type, output }) => (type === "function_call_output" && output ? [output] : []));
      return json(answer, response(nextStep(answers), answers.length));
    }
    const { messages, tools } = JSON.parse(body) as ChatBody;
    for (const tool of tools) offered.add(tool.function.name);
    const answers = messages.flatMap(({ role, content }) => (role === "tool" ? [content] : []));
    return json(answer, completion(nextStep(answers), answers.length));
  });
  return { client: new OpenAI({ apiKey: "none", baseURL: server.baseUrl, maxRetries: 0 }), offered };
}

const issueTools = ["gitlab_issue_create", "gitlab_issues_list"];

test("an agent on the Responses API summarises the open P1 bugs", async () => {
  const { emulator, gitlab } = await emulated();
  const { client, offered } = await openAi();
  const { responses: tools, runToolCall } = getTools({ gitlab, identifier: "user_ada", select: { tools: issueTools } });
  const input: ResponseInput = [{ role: "user", content: request }];
  for (;;) {
    const { output, output_text } = await client.responses.create({ model, input, tools });
    const calls = output.filter((item) => item.type === "function_call");
    if (calls.length === 0) {
      await expectSummary(gitlab, emulator, output_text);
      break;
    }
    input.push(...calls, ...(await Promise.all(calls.map((call) => runToolCall(call)))));
  }
  expect([...offered].toSorted()).toEqual(issueTools);
});

test("an agent on the Chat Completions API summarises the open P1 bugs", async () => {
  const { emulator, gitlab } = await emulated();
  const { client, offered } = await openAi();
  const { chatCompletions: tools, runToolCall } = getTools({
    gitlab,
    identifier: "user_ada",
    select: { tools: issueTools },
  });
  const messages: ChatCompletionMessageParam[] = [{ role: "user", content: request }];
  for (;;) {
    const { choices } = await client.chat.completions.create({ model, messages, tools });
    const message = choices[0]?.message;
    const calls = message?.tool_calls?.filter((call) => call.type === "function") ?? [];
    if (message) messages.push(message);
    if (calls.length === 0) {
      await expectSummary(gitlab, emulator, message?.content ?? "");
      break;
    }
    messages.push(...(await Promise.all(calls.map((call) => runToolCall(call)))));
  }
  expect([...offered].toSorted()).toEqual(issueTools);
});

test("in discovery mode three tools reach the selected ones", async () => {
  const { gitlab } = await emulated();
  const select = { access: "read" } as const;
  const { responses, runToolCall } = getTools({ gitlab, identifier: "user_ada", discovery: true, select });
  expect(responses.map(({ name }) => name)).toEqual(["gitlab_tools_find", "gitlab_tool_describe", "gitlab_tool_call"]);
  const call = async (name: string, input: unknown) => {
    const made = { type: "function_call", call_id: "1", name, arguments: JSON.stringify(input) } as const;
    return (await runToolCall(made)).output;
  };
  expect(await call("gitlab_tools_find", { query: "who am I" })).toContain("gitlab_current_user_get");
  expect(await call("gitlab_tool_call", { name: "gitlab_current_user_get" })).toContain('"username":"ada"');
  expect(await call("gitlab_tool_call", { name: "gitlab_issue_create", input: {} })).toContain('"unknown_tool"');
});

test("in strict mode nulls stand for what is left out", async () => {
  const { emulator, gitlab } = await emulated();
  const { responses, runToolCall } = getTools({
    gitlab,
    identifier: "user_ada",
    select: { tools: ["gitlab_issues_list"] },
    strict: true,
  });
  const [tool] = responses;
  expect(tool?.strict).toBe(true);
  const names = Object.keys((tool?.parameters?.["properties"] as Record<string, unknown> | undefined) ?? {});
  const input = { ...Object.fromEntries(names.map((name) => [name, null])), project_id: "acme/app" };
  const { output } = await runToolCall({
    type: "function_call",
    call_id: "call_1",
    name: "gitlab_issues_list",
    arguments: JSON.stringify(input),
  });
  expect(output).toContain("iid");
  expect(emulator.requests.at(-1)).toMatchObject({ path: "/api/v4/projects/acme%2Fapp/issues", query: "" });
});

test("for models that search tools themselves, every tool is in a namespace of fewer than ten", async () => {
  const { gitlab } = await emulated();
  const { toolSearch, responses } = getTools({ gitlab, identifier: "user_ada" });
  const sent: ResponseCreateParams["tools"] = toolSearch;
  expect(sent?.at(-1)).toEqual({ type: "tool_search" });
  const namespaces = toolSearch.filter((tool) => tool.type === "namespace");
  expect(Math.max(...namespaces.map(({ tools }) => tools.length))).toBeLessThan(10);
  const names = namespaces.flatMap(({ tools }) => tools.map(({ name }) => name));
  expect(names.toSorted()).toEqual(responses.map(({ name }) => name).toSorted());
  expect(new Set(namespaces.map(({ name }) => name)).size).toBe(namespaces.length);
  expect(namespaces.every(({ name }) => /^[a-z_0-9]{1,64}$/.test(name))).toBe(true);
});

test("our own search loads tools for models that search by their client", async () => {
  const { gitlab } = await emulated();
  const called = { name: "gitlab_issue_get", arguments: JSON.stringify({ project_id: "acme/app", issue_iid: 3 }) };
  const server = await serve(({ body }, answer) => {
    const { input = [], tools } = JSON.parse(body) as { input: ResponseInputItem[]; tools: unknown[] };
    expect(tools).toMatchObject([{ type: "tool_search", execution: "client" }]);
    const loaded = input.flatMap((item) => (item.type === "tool_search_output" ? item.tools : []));
    const result = input.find((item) => item.type === "function_call_output");
    const search = { type: "tool_search_call", id: "s", call_id: "s", execution: "client", status: "completed" };
    const item = result
      ? { type: "message", id: "m", role: "assistant", content: [{ type: "output_text", text: result.output }] }
      : loaded.some((tool) => tool.type === "function" && tool.name === called.name)
        ? { type: "function_call", id: "f", call_id: "f", status: "completed", ...called }
        : { ...search, arguments: { query: "show me one bug" } };
    json(answer, { id: "r", object: "response", status: "completed", model, output: [item] });
  });
  const client = new OpenAI({ apiKey: "none", baseURL: server.baseUrl, maxRetries: 0 });
  const { ownToolSearch, runToolCall } = getTools({ gitlab, identifier: "user_ada" });
  const { tools, runSearch } = ownToolSearch;
  const input: ResponseInput = [{ role: "user", content: "Show me bug 3." }];
  let said = "";
  while (said === "") {
    const { output, output_text } = await client.responses.create({ model, input, tools });
    said = output_text;
    for (const item of output) {
      if (item.type === "tool_search_call") input.push({ ...item, status: "completed" }, runSearch(item));
      if (item.type === "function_call") input.push(item, await runToolCall(item));
    }
  }
  expect(said).toContain('"iid":3');
  expect(runSearch({ type: "tool_search_call", call_id: "2", arguments: null }).tools).toEqual([]);
});

test("images are shown to models on the Responses API that are meant to see them, and told of elsewhere", async () => {
  const { gitlab } = await emulated();
  const file = { project_id: "acme/app", file_path: "docs/dot.gif" };
  const content = Buffer.from("GIF89a\xff\xfe\xfd\0\0", "latin1").toString("base64");
  const commit = { branch: "main", commit_message: "x", encoding: "base64" } as const;
  await fileCreate(gitlab.as("user_ada"), { ...file, ...commit, content });
  const called = { name: "gitlab_file_get", arguments: JSON.stringify({ ...file, ref: "main" }) };
  const responses = { type: "function_call", call_id: "1", ...called } as const;
  const { runToolCall } = getTools({ gitlab, identifier: "user_ada", images: true });
  const item: ResponseInputItem = await runToolCall(responses);
  expect(item).toEqual({
    type: "function_call_output",
    call_id: "1",
    output: [
      { type: "input_text", text: expect.stringContaining("The image is shown") as string },
      { type: "input_image", image_url: `data:image/gif;base64,${content}`, detail: "auto" },
    ],
  });
  const blind = getTools({ gitlab, identifier: "user_ada", maxImageBytes: 1_000_000 });
  expect((await blind.runToolCall(responses)).output).toContain("its content is not shown");
  const message = await runToolCall({ type: "function", id: "2", function: called });
  expect(message.content).toContain("its content is not shown");
});

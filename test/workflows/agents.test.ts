import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import { getTools } from "gitlab-agent-tools/langchain";
import { serveMcp } from "gitlab-agent-tools/mcp";
import { mergeRequestDiscussionsList } from "gitlab-agent-tools/tools";
import { createAgent } from "langchain";
import { expect, test } from "vitest";
import { httpClient, textOf } from "../mcp/clients.js";
import { reviewed } from "./reviewed.js";

const select = { preset: "review" } as const;

interface Call {
  readonly name: string;
  readonly args: Record<string, unknown>;
}
type Step = (answers: readonly string[]) => Call | string;

/** The number on the new side of the line that a plain diff shows: a model counts from the hunk's head. */
function lineOf(diff: string, code: string): number {
  let line = 0;
  for (const text of diff.split("\n")) {
    const [, start] = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(text) ?? [];
    if (start !== undefined) line = Number(start);
    else if (text === `+${code}`) return line;
    else if (!text.startsWith("-")) line += 1;
  }
  throw new Error(`the diff does not show ${code}`);
}

/** "Review !7: comment on the two risky lines, suggest a fix, submit." */
const script = (at: Record<string, unknown>): readonly Step[] => [
  () => ({ name: "gitlab_merge_request_changed_files_list", args: at }),
  () => ({ name: "gitlab_merge_request_file_diff_get", args: { ...at, file: "src/values.ts" } }),
  ([, diff = ""]) => ({
    name: "gitlab_merge_request_comment",
    args: {
      ...{ ...at, file: "src/values.ts", line: String(lineOf(diff, "const value10 = risky();")), draft: "true" },
      ...{ body: "This may throw.", suggestion: "const value10 = safe();" },
    },
  }),
  () => ({
    name: "gitlab_merge_request_comment",
    args: { ...at, quote: "const twice = 2;", body: "Is it used?", draft: true },
  }),
  () => ({
    name: "gitlab_merge_request_review_submit",
    args: { ...at, summary: "Two questions.", verdict: "request_changes" },
  }),
  () => ({ name: "gitlab_merge_request_threads_list", args: { ...at, resolved: false } }),
  (answers) => `Submitted: ${answers[4] ?? ""}`,
];

async function checkReview({ ada, at }: Awaited<ReturnType<typeof reviewed>>): Promise<void> {
  const { data } = await mergeRequestDiscussionsList(ada, at);
  const notes = data.flatMap((thread) => thread.notes ?? []).filter(({ system }) => !system);
  expect(notes.map(({ body, position }) => [body.split("\n")[0], position?.new_line])).toEqual([
    ["This may throw.", 10],
    ["Is it used?", 11],
    ["Two questions.", undefined],
  ]);
  expect(notes[0]?.suggestions).toMatchObject([{ from_line: 10, to_content: "const value10 = safe();\n" }]);
}

test("LangChain: a scripted model reviews a merge request", async () => {
  const scene = await reviewed();
  const { gitlab, ada, at } = scene;
  const steps = script(at);
  const respond = (messages: BaseMessage[]): AIMessage => {
    const answers = messages.filter((message) => ToolMessage.isInstance(message)).map(({ text }) => text);
    const step = steps[answers.length]?.(answers) ?? "";
    if (typeof step === "string") return new AIMessage(step);
    return new AIMessage({ content: "", tool_calls: [{ id: `call_${answers.length}`, ...step }] });
  };
  const model = steps.reduce((made) => made.respond(respond), fakeModel());
  const agent = createAgent({ model, tools: getTools({ gitlab, identifier: ada.identifier, select }) });
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: "Review it." }] });
  expect(messages.at(-1)?.text).toContain('"verdict":"request_changes"');
  expect(messages.filter((message) => ToolMessage.isInstance(message)).at(-1)?.text).toContain("const twice = 2;");
  await checkReview(scene);
});

test("MCP: the same review, from the same preset", async () => {
  const scene = await reviewed();
  const { gitlab, ada, at } = scene;
  const { token } = await gitlab.createSession({ identifier: ada.identifier });
  const server = await serveMcp({ gitlab, select });
  try {
    const client = await httpClient(server.url, token);
    const names = (await client.listTools()).tools.map(({ name }) => name);
    const answers: string[] = [];
    for (const step of script(at)) {
      const call = step(answers);
      if (typeof call === "string") continue;
      expect(names).toContain(call.name);
      const answer = await client.callTool({ name: call.name, arguments: call.args });
      answers.push(textOf(answer));
      expect(answer.isError, answers.at(-1)).not.toBe(true);
    }
    expect(answers[1]).toMatch(/^--- a\/src\/values\.ts\n\+\+\+ b\/src\/values\.ts\n@@ /);
    await checkReview(scene);
  } finally {
    await server.close({ graceMs: 0 });
  }
});

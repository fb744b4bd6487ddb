import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import { fakeModel } from "@langchain/core/testing";
import { convertToOpenAITool } from "@langchain/core/utils/function_calling";
import { getTools } from "gitlab-agent-tools/langchain";
import { createAgent } from "langchain";
import { expect, test } from "vitest";
import { selectTools } from "../../src/tools/select.js";
import { toMcp } from "../../src/adapters/definitions.js";
import { show } from "../../src/adapters/show.js";
import { emulated } from "../support/emulated.js";
import { expectSummary, nextStep, request } from "./p1-summary.js";

/** A model that does the script's next step. */
function respond(messages: BaseMessage[]): AIMessage {
  const answers = messages.filter((message) => ToolMessage.isInstance(message)).map(({ text }) => text);
  const step = nextStep(answers);
  if ("say" in step) return new AIMessage(step.say);
  return new AIMessage({
    content: "",
    tool_calls: [{ id: `call_${answers.length}`, name: step.tool, args: step.input }],
  });
}

test("an agent summarises the open P1 bugs", async () => {
  const { emulator, gitlab } = await emulated();
  const agent = createAgent({
    model: fakeModel().respond(respond).respond(respond).respond(respond),
    tools: getTools({ gitlab, identifier: "user_ada", select: { areas: ["issues"] } }),
  });
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: request }] });
  await expectSummary(gitlab, emulator, messages.at(-1)?.text ?? "");
});

test("models are shown the tools' own schemas, less what they would be refused", async () => {
  const { gitlab } = await emulated();
  const shown = getTools({ gitlab, identifier: "user_ada" }).map((tool) => convertToOpenAITool(tool).function);
  const expected = selectTools().map((definition) => {
    const { name, description, inputSchema } = toMcp(show(definition));
    return { name, description, parameters: inputSchema };
  });
  expect(shown).toEqual(expected);
});

test("what does not fit is answered, not thrown, and marked as an error", async () => {
  const { emulator, gitlab } = await emulated();
  const tools = getTools({ gitlab, identifier: "user_ada", select: { tools: ["gitlab_issue_get"] } });
  const before = emulator.requests.length;
  const message: unknown = await tools[0]?.invoke({
    type: "tool_call",
    id: "call_1",
    name: "gitlab_issue_get",
    args: { project_id: "acme/app", issue_id: 3 },
  });
  expect(ToolMessage.isInstance(message) && message.status).toBe("error");
  expect(JSON.parse(ToolMessage.isInstance(message) ? message.text : "")).toMatchObject({ code: "invalid_input" });
  expect(emulator.requests).toHaveLength(before);
});

test("what models mean is understood, and the signal reaches the call", async () => {
  const { gitlab } = await emulated();
  const [tool] = getTools({ gitlab, identifier: "user_ada", select: { tools: ["gitlab_issue_get"] } });
  const input = { project_id: "acme/app", issue_iid: "#3" };
  expect(await tool?.invoke(input)).toContain('"iid":3');
  expect(await tool?.invoke(input, { signal: AbortSignal.abort() }).catch(String)).toMatch(/abort/i);
});

test("middleware can tell what a tool does", async () => {
  const { gitlab } = await emulated();
  const [tool] = getTools({ gitlab, identifier: "user_ada", select: { tools: ["gitlab_issue_delete"] } });
  expect(tool?.metadata).toEqual({ area: "issues", access: "destructive" });
});

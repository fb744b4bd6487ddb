import { Agent, createTool } from "@voltagent/core";
import { MockLanguageModelV3 } from "ai/test";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import * as z from "zod";
import { respond, usage } from "../scripted/ai-sdk.ts";
import { scenarios } from "../support.ts";

/** Shows the JSON Schema and takes everything: what models send is read, and refused with help, by the toolbox. */
function shown(inputSchema: object): z.ZodRecord<z.ZodString, z.ZodUnknown> {
  const schema = z.record(z.string(), z.unknown());
  schema._zod.toJSONSchema = () => structuredClone(inputSchema);
  return schema;
}

scenarios("VoltAgent, through the toolbox", async ({ options, script, prompt }) => {
  const model = new MockLanguageModelV3({
    doGenerate({ prompt }) {
      const { content, reason } = respond(script, prompt, { flags: false });
      return Promise.resolve({ content, finishReason: { unified: reason, raw: undefined }, usage, warnings: [] });
    },
  });
  const { definitions, run, needsConfirmation } = createToolbox(options);
  const tools = definitions.map(({ name, description, inputSchema }) =>
    createTool({
      name,
      description,
      parameters: shown(inputSchema),
      needsApproval: (input) => needsConfirmation(name, input),
      execute: async (input) => (await run(name, input)).text,
    }),
  );
  const agent = new Agent({ name: "Triage", instructions: "Help.", model, tools });
  const { text, content } = await agent.generateText(prompt);
  return { said: text, asked: content.some(({ type }) => type === "tool-approval-request") };
});

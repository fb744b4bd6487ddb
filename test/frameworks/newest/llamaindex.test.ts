import { FunctionTool } from "@llamaindex/core/tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import { scenarios } from "../support.ts";

scenarios("LlamaIndex, through the toolbox", async ({ options, script }) => {
  const { definitions, run, needsConfirmation } = createToolbox(options);
  const tools = definitions.map(({ name, description, inputSchema }) =>
    FunctionTool.from(async (input: Record<string, unknown>) => (await run(name, input)).text, {
      name,
      description,
      parameters: inputSchema as never,
    }),
  );
  const answers: string[] = [];
  for (;;) {
    const step = script(answers);
    if ("say" in step) return { said: step.say, asked: false };
    if (needsConfirmation(step.tool, step.input)) return { said: "", asked: true };
    const tool = tools.find(({ metadata }) => metadata.name === step.tool);
    answers.push(String(await tool?.call(step.input)));
  }
});

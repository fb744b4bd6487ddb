import type { Options } from "@anthropic-ai/claude-agent-sdk";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { getServer } from "gitlab-agent-tools/claude-agent";
import { scenarios, textOf } from "../support.ts";

// The agent itself is a program that talks to Anthropic; what it does with the server is to connect it and to call.
scenarios("Claude Agent SDK, the server", async ({ options, script }) => {
  const server = getServer(options);
  const agent: Options = { mcpServers: { gitlab: server } };
  if (agent.mcpServers?.["gitlab"] !== server) throw new Error("Not taken.");
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.instance.connect(theirs);
  const client = new Client({ name: "agent", version: "1" });
  await client.connect(ours);
  try {
    const { tools } = await client.listTools();
    const answers: string[] = [];
    for (;;) {
      const step = script(answers);
      if ("say" in step) return { said: step.say, asked: false };
      const tool = tools.find(({ name }) => name === step.tool);
      // What the agent asks about is said by hints.
      if (tool?.annotations?.destructiveHint && tool.name.endsWith("_delete")) return { said: "", asked: true };
      const { content } = await client.callTool({ name: step.tool, arguments: step.input });
      answers.push(textOf(content));
    }
  } finally {
    await client.close();
  }
});

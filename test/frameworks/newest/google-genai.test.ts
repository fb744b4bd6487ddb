import { GoogleGenAI, type CallableTool, type Content, type FunctionDeclaration } from "@google/genai";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { toGemini } from "gitlab-agent-tools/definitions";
import { getTools } from "gitlab-agent-tools/google-genai";
import { scenarios, textOf, type Script } from "../support.ts";

/** Gemini's API with a scripted model. */
async function gemini(script: Script): Promise<{ ai: GoogleGenAI; close: () => void }> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { contents } = JSON.parse(body) as { contents: Content[] };
      const answers = contents.flatMap(({ parts = [] }) =>
        parts.flatMap(({ functionResponse }) => {
          const { output, error } = functionResponse?.response ?? {};
          return (output ?? error) ? [String(output ?? error) + textOf(functionResponse?.parts)] : [];
        }),
      );
      const step = script(answers);
      const part =
        "say" in step ? { text: step.say } : { functionCall: { id: "1", name: step.tool, args: step.input } };
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP" }] }),
      );
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ai: new GoogleGenAI({ apiKey: "none", httpOptions: { baseUrl } }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

scenarios(
  "Google GenAI",
  async ({ options, script, prompt }) => {
    const { ai, close } = await gemini(script);
    try {
      const { tools, runFunctionCall, needsConfirmation } = getTools(options);
      const contents: Content[] = [{ role: "user", parts: [{ text: prompt }] }];
      for (;;) {
        const response = await ai.models.generateContent({ model: "scripted", contents, config: { tools } });
        const calls = response.functionCalls ?? [];
        if (calls.length === 0) return { said: response.text ?? "", asked: false };
        if (calls.some((call) => needsConfirmation(call))) return { said: "", asked: true };
        const [candidate] = response.candidates ?? [];
        if (candidate?.content) contents.push(candidate.content);
        contents.push({ role: "user", parts: await Promise.all(calls.map((call) => runFunctionCall(call))) });
      }
    } finally {
      close();
    }
  },
  true,
);

scenarios(
  "Google GenAI, automatic function calling",
  async ({ options, script, prompt }) => {
    const { ai, close } = await gemini(script);
    try {
      let asked = false;
      // It asks nobody, so what a person should be asked about is refused, with a note to ask.
      const { callable } = getTools({
        ...options,
        before({ access }) {
          if (access !== "destructive") return undefined;
          asked = true;
          return { refuse: "Ask the person first." };
        },
      });
      const tools: CallableTool[] = [callable];
      const response = await ai.models.generateContent({ model: "scripted", contents: prompt, config: { tools } });
      return { said: response.text ?? "", asked };
    } finally {
      close();
    }
  },
  true,
);

/** The exports fit the types, too. */
export const fits = (definition: Parameters<typeof toGemini>[0]): FunctionDeclaration => toGemini(definition);

import assert from "node:assert/strict";
import { textOf, type Script } from "../support.ts";

interface Part {
  readonly type: string;
  readonly output?: { readonly type: string; readonly value?: unknown };
}

/** What a scripted model does, in the words that all versions of the AI SDK's interface for models share. */
export function respond(
  script: Script,
  prompt: readonly { readonly role: string; readonly content: unknown }[],
  { flags = true } = {},
) {
  const outputs = prompt.flatMap(({ role, content }) =>
    role === "tool" ? (content as Part[]).flatMap(({ output }) => (output ? [output] : [])) : [],
  );
  for (const { type, value } of flags ? outputs.filter(({ value }) => typeof value === "string") : [])
    assert.equal(type, String(value).startsWith('{"code"') ? "error-text" : "text", "errors have their flag");
  const step = script(outputs.map(({ value }) => textOf(value)));
  const toolCallId = `call_${outputs.length}`;
  return "say" in step
    ? { content: [{ type: "text" as const, text: step.say }], reason: "stop" as const }
    : {
        content: [{ type: "tool-call" as const, toolCallId, toolName: step.tool, input: JSON.stringify(step.input) }],
        reason: "tool-calls" as const,
      };
}

export const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

const warned: unknown[] = [];
/** Versions differ in how they hand warnings over: all of it is kept. */
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: (...said: unknown[]) => void warned.push(...said.flat()) });

/** Nothing that we hand over is deprecated in the version at hand. */
export const assertNoWarnings = (): void => assert.deepEqual(warned, []);

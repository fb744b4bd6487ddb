import type { PromptModel } from "../prompts.js";
import { header, object } from "./source.js";

/** `prompts.ts`: what people ask for again and again, by name. */
export function promptsModule(prompts: readonly PromptModel[]): string {
  const members = Object.fromEntries(prompts.map(({ name, ...facts }) => [name, facts]));
  return `${header}
import type { PromptRow } from "../src/mcp/prompts.js";

/** What people ask for again and again, from spec/prompts.yaml. */
export const prompts: Readonly<Record<string, PromptRow>> = ${object(members, 2)};
`;
}

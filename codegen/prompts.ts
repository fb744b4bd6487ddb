import * as z from "zod";
import { refuse, type Problem } from "./problem.js";
import { editorSchema, readSpecFile } from "./spec-file.js";
import { suggestion } from "./suggestion.js";

const promptsFile = "spec/prompts.yaml";

const argument = z.strictObject({
  description: z.string().trim().min(1).describe("What to give, in a few words."),
  default: z.string().trim().min(1).optional().describe("What stands there when nothing is given."),
  complete: z.enum(["project", "branch", "label"]).optional().describe("What its values are looked up among."),
});

const prompt = z.strictObject({
  title: z.string().trim().min(1).describe("For a person: a few words."),
  description: z.string().trim().min(1).describe("What comes of it, in a sentence."),
  arguments: z.record(z.string().regex(/^[a-z][a-z_]*$/, "has to be lower case"), argument).optional(),
  text: z.string().trim().min(1).describe("What the model is told; {argument} stands for its value."),
});

const promptsSchema = z.strictObject({
  prompts: z.record(z.string().regex(/^[a-z][a-z_]*$/, "has to be lower case with underscores"), prompt),
});

/** What people ask for again and again. */
export interface PromptModel extends z.infer<typeof prompt> {
  readonly name: string;
  /** The tools that its text names: without them it is not offered. */
  readonly tools: readonly string[];
}

/** The JSON Schema that editors check `spec/prompts.yaml` with. */
export function promptsJsonSchema(): object {
  return editorSchema("Prompts", promptsSchema);
}

/**
 * Reads `spec/prompts.yaml`.
 *
 * @throws {ProblemsError} with everything in it that has no meaning, tools that do not exist included
 */
export async function readPrompts(root: string, toolNames: readonly string[]): Promise<PromptModel[]> {
  const file = await readSpecFile(root, promptsFile, promptsSchema);
  if (!file) return [];
  const problems: Problem[] = [];
  const prompts = Object.entries(file.data.prompts).map(([name, prompt]): PromptModel => {
    const at = ["prompts", name, "text"];
    const args = Object.keys(prompt.arguments ?? {});
    for (const [, placeholder = ""] of prompt.text.matchAll(/\{(\w+)\}/g))
      if (!args.includes(placeholder))
        problems.push(file.source.problem(at, `unknown argument "${placeholder}"${suggestion(placeholder, args)}`));
    const tools = [...new Set(prompt.text.match(/\bgitlab_[a-z_]+/g))].sort();
    for (const tool of tools)
      if (!toolNames.includes(tool))
        problems.push(file.source.problem(at, `unknown tool "${tool}"${suggestion(tool, toolNames)}`));
    return { name, ...prompt, tools };
  });
  refuse(problems);
  return prompts;
}

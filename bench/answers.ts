import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { selectTools } from "../src/tools/select.js";
import { toModelText } from "../src/views/model-text.js";
import type { SeededGitLab } from "./seeded-gitlab.js";

/** What one list costs in its views, in tokens. */
export interface AnswerCost {
  readonly tool: string;
  readonly items: number;
  /** GitLab's answer as it is. */
  readonly full: number;
  /** The compact view, as JSON. */
  readonly compact: number;
  /** The compact view as a model reads it through the adapters. */
  readonly text: number;
}

export const tokens = (text: string): number => encode(text).length;

/** Asks every list tool for its first page, in full and compact. */
export async function measureAnswers({ gitlab, identifier, inputOf }: SeededGitLab): Promise<AnswerCost[]> {
  const costs: AnswerCost[] = [];
  for (const definition of selectTools().filter(({ list }) => list)) {
    const call = { identifier, toolName: definition.name, toolInput: inputOf(definition) };
    const full = await gitlab.executeTool({ ...call, view: "full" });
    const compact = await gitlab.executeTool({ ...call, view: "compact" });
    costs.push({
      tool: definition.name,
      items: Array.isArray(full.data) ? full.data.length : 0,
      full: tokens(JSON.stringify(full.data)),
      compact: tokens(JSON.stringify(compact.data)),
      text: tokens(toModelText(definition, compact, { maxResultTokens: Infinity })),
    });
  }
  return costs;
}

/** Half of the numbers are below it. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}

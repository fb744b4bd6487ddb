/**
 * Roughly how many tokens a model's tokenizer makes of a text, from its characters alone: cheap enough for every
 * answer, and meant to err on the high side.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(/[A-Za-z]+|\d+|\s+|[^\sA-Za-z\d]+/g)) {
    const first = run.codePointAt(0) ?? 0;
    if (first > 0x7f) tokens += run.length;
    else if (/[A-Za-z]/.test(run)) tokens += Math.ceil(run.length / 7);
    else if (/\d/.test(run)) tokens += Math.ceil(run.length / 3);
    else if (/\s/.test(run)) tokens += run === " " ? 0 : 1;
    else tokens += Math.ceil(run.length / 2);
  }
  return tokens;
}

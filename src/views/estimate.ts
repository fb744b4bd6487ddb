/** Words, by their capitals; digits, whose space is a token of its own; white space; other scripts; signs. */
const runs =
  /(?<word>[A-Z]?[a-z]+|[A-Z]+)|(?<digits> ?\d+)|(?<space>\s+)|(?<near>[\u0080-\u1fff]+)|(?<far>[^\u0000-\u007f]+)|(?<signs>[^\sA-Za-z\d\u0080-\u{10ffff}]+)/gu;

/**
 * Roughly how many tokens a model's tokenizer makes of a text, from its characters alone: cheap enough for every
 * answer, and on the high side for all but random characters. Never more than there are characters.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const { 0: run, groups } of text.matchAll(runs)) {
    const { length } = run;
    if (groups?.["word"]) tokens += Math.ceil(length / 8);
    else if (groups?.["digits"]) tokens += Math.ceil(run.trimStart().length / 3) + (run.startsWith(" ") ? 1 : 0);
    else if (groups?.["space"]) tokens += run === " " ? 0 : 1;
    else if (groups?.["near"]) tokens += length / 2;
    else if (groups?.["far"]) tokens += length;
    else tokens += Math.ceil(length / 2);
  }
  return Math.ceil(tokens);
}

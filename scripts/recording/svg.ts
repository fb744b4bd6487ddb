export const recordingFile = "docs/demo.svg";

const columns = 112;
const characterWidth = 7.25;
const lineHeight = 18;
/** How long a reader needs for a character, and for a step to begin, in seconds. */
const pace = { character: 0.008, step: 1.2 } as const;

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const unescape = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** As a terminal breaks what is too long for it, but between words. */
function wrap(line: string): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > columns) {
    const at = rest.lastIndexOf(" ", columns);
    lines.push(rest.slice(0, at));
    rest = `    ${rest.slice(at + 1)}`;
  }
  return [...lines, rest];
}

/**
 * What a command printed, as a picture that plays it line by line: by CSS alone, with nothing from outside. Where nothing
 * moves, by the reader's wish or the viewer's limits, everything is there at once.
 */
export function toSvg(command: string, printed: string): string {
  const shown = [`$ ${command}`, ...printed.trimEnd().split("\n")].flatMap((line) => wrap(line));
  let seconds = 0;
  const texts = shown.map((line, index) => {
    const isStep = line !== "" && !line.startsWith(" ");
    seconds += line.length * pace.character + (isStep && index > 0 ? pace.step : 0);
    if (line === "") return "";
    const look = line.startsWith("$") ? "command" : isStep ? "step" : "said";
    const y = 56 + index * lineHeight;
    return `<text x="20" y="${y}" class="${look}" style="animation-delay:${seconds.toFixed(1)}s">${escape(line)}</text>`;
  });
  const width = Math.ceil(columns * characterWidth) + 40;
  const height = 56 + shown.length * lineHeight + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(command)}">
<style>
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: #c9d1d9; animation: appear 0.01s backwards }
.command { fill: #7ee787 }
.step { fill: #ffffff; font-weight: bold }
@keyframes appear { from { opacity: 0 } }
@media (prefers-reduced-motion: reduce) { text { animation: none } }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/><circle cx="62" cy="20" r="6" fill="#28c840"/>
${texts.filter((text) => text !== "").join("\n")}
</svg>
`;
}

/** The words of a recording, without what is another each time: ports, dates, commits, the ids of pipelines. */
export function wordsOf(svg: string): string {
  const lines = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, line = ""]) => unescape(line).trim());
  return lines
    .join(" ")
    .replace(/127\.0\.0\.1:\d+/g, "HOST")
    .replace(/\d{4}-\d{2}-\d{2}/g, "DATE")
    .replace(/\b[0-9a-f]{8,40}\b/g, "ID");
}

import { figuresOf, limitOf, misses, show, type Figure, type Report } from "./figure.js";
import { provenance } from "./table.js";

const width = 860;
const labels = 300;
const bars = width - labels - 110;
const rowHeight = 20;

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Text at a place. */
const say = (x: number, y: number, text: string, look = ""): string =>
  `<text x="${x}" y="${y}"${look === "" ? "" : ` class="${look}"`}>${escape(text)}</text>`;

/** A figure's bars, the longest as long as there is room; a line across says what ours may be at most. */
function panel(figure: Figure, top: number): { readonly svg: string[]; readonly height: number } {
  const ways = Object.entries(figure.values).sort(([, a], [, b]) => a - b);
  const limit = limitOf(figure);
  const most = Math.max(...ways.map(([, value]) => value), limit ?? 0, Number.EPSILON);
  const length = (value: number): number => Math.max(1, Math.round((value / most) * bars));
  const unit = figure.unit === "" ? "" : `, ${figure.unit}`;
  const missed = misses(figure) ? " (misses its bar)" : "";
  const svg = [say(0, top + 14, `${figure.title}${unit}${missed}`, "title")];
  ways.forEach(([way, value], index) => {
    const y = top + 24 + index * rowHeight;
    const look = way.startsWith("gitlab-agent-tools") ? "ours" : "other";
    svg.push(
      say(labels - 8, y + 12, way, "way"),
      `<rect x="${labels}" y="${y}" width="${length(value)}" height="15" rx="2" class="${look}"/>`,
      say(labels + length(value) + 6, y + 12, show(value)),
    );
  });
  const end = top + 24 + ways.length * rowHeight;
  if (limit !== undefined && limit > 0) {
    const x = labels + length(limit);
    svg.push(`<line x1="${x}" y1="${top + 20}" x2="${x}" y2="${end - 2}" class="bar"/>`);
  }
  return { svg, height: end - top + 16 };
}

/** The report as a picture without scripts, fonts or anything from outside; dark where the reader's system is. */
export function toSvg(report: Report): string {
  const lines: string[] = [];
  let y = 8;
  for (const figure of figuresOf(report)) {
    const { svg, height } = panel(figure, y);
    lines.push(...svg);
    y += height;
  }
  const words = provenance(report).split(" ");
  let line = "";
  for (const word of [...words, ""]) {
    if (word !== "" && line.length + word.length < 130) line += `${word} `;
    else {
      lines.push(say(0, y + 10, line.trim(), "small"));
      y += 15;
      line = `${word} `;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 0 ${width + 24} ${y + 8}" role="img" aria-label="What gitlab-agent-tools costs beside its peers; less is better">
<style>
svg { background: #fff }
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.way { text-anchor: end }
.small { font-size: 11px; fill: #59636e }
.ours { fill: #1a7f5a }
.other { fill: #9aa4af }
.bar { stroke: #cf222e; stroke-dasharray: 3 2 }
@media (prefers-color-scheme: dark) {
svg { background: #0d1117 }
text { fill: #e6edf3 }
.small { fill: #9198a1 }
.ours { fill: #3fb984 }
.other { fill: #656d76 }
}
</style>
${lines.join("\n")}
</svg>
`;
}

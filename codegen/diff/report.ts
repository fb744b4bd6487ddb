import type { SpecDiff } from "../diff-spec.js";
import { severities, type Finding, type Severity } from "./finding.js";

/** What several tools have in common is told once. */
interface Group {
  readonly heading: string;
  readonly tools: readonly string[];
  readonly lines: readonly Line[];
}

interface Line {
  readonly severity: Severity;
  readonly text: string;
  readonly place: string;
}

/** Names beyond these are counted: `--json` has them all. */
const most = 12;

/** How the text shows a severity. */
export type PaintSeverity = (severity: Severity, text: string) => string;

/** The differences for a person at a terminal, grouped by tool. */
export function textReport(diff: SpecDiff, paint: PaintSeverity = (_, text) => text): string {
  const width = Math.max(...severities.map((severity) => severity.length));
  const blocks = groupsOf(diff.findings).map(({ heading, tools, lines }) =>
    [
      `${named(tools)}${heading && `  ${heading}`}`,
      ...lines.map(
        ({ severity, text, place }) =>
          `  ${paint(severity, severity.padEnd(width))}  ${text}${place && `  (${place})`}`,
      ),
    ].join("\n"),
  );
  return [summary(diff), ...blocks].join("\n\n");
}

/** The differences for a merge request: what is safe is folded away. */
export function markdownReport(diff: SpecDiff): string {
  const part = (title: string, level: Severity): string[] => {
    const groups = groupsOf(diff.findings.filter(({ severity }) => severity === level));
    if (groups.length === 0) return [];
    const lines = groups.map(({ tools, lines }) => {
      const shown = tools.slice(0, most).map(code).join(", ") || "Corrections";
      const more = tools.length > most ? ` and ${tools.length - most} more` : "";
      return [
        `- ${shown}${more}`,
        ...lines.map(({ text, place }) => `  - ${code(text)}${place && ` (${code(place)})`}`),
      ].join("\n");
    });
    const body = lines.join("\n");
    return level === "safe"
      ? [`<details><summary>${title}</summary>\n\n${body}\n\n</details>`]
      : [`### ${title}\n\n${body}`];
  };
  return [
    `## ${summary(diff)}`,
    ...part("Breaking", "breaking"),
    ...part("To review", "review"),
    ...part("Safe", "safe"),
  ].join("\n\n");
}

/** In one line: from what to what, and how many differences. */
export function summary({ before, after, counts }: SpecDiff): string {
  const versions = before === after ? `GitLab ${after}` : `GitLab ${before} → ${after}`;
  const { breaking, review, safe } = counts;
  if (breaking + review + safe === 0) return `${versions}: no difference`;
  return `${versions}: ${breaking} breaking, ${review} to review, ${safe} safe`;
}

/** What a document says goes into Markdown as code only: no links, mentions, HTML or quick actions. */
const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;

function named(tools: readonly string[]): string {
  if (tools.length === 0) return "corrections";
  const shown = tools.slice(0, most).join(", ");
  return tools.length > most ? `${shown} and ${tools.length - most} more` : shown;
}

function groupsOf(findings: readonly Finding[]): Group[] {
  const byTool = new Map<string, Finding[]>();
  for (const finding of findings) {
    const name = finding.tool ?? "";
    byTool.set(name, [...(byTool.get(name) ?? []), finding]);
  }
  const groups = new Map<string, { heading: string; tools: string[]; lines: readonly Line[] }>();
  for (const [tool, own] of byTool) {
    const lines = linesOf(own);
    // Where a line of the manifest is named, the block is that tool's own.
    const key = JSON.stringify(lines);
    const group = groups.get(key);
    if (group) {
      group.tools.push(tool);
      group.heading = "";
    } else groups.set(key, { heading: own[0]?.operation ?? "", tools: tool === "" ? [] : [tool], lines });
  }
  return [...groups.values()];
}

/** What is alike in a tool is one line. */
function linesOf(findings: readonly Finding[]): Line[] {
  const alike = new Map<string, { finding: Finding; subjects: string[]; place: string }>();
  for (const finding of findings) {
    const place = placeOf(finding);
    const key = JSON.stringify([finding.severity, finding.what, finding.change, place]);
    const known = alike.get(key);
    if (known) known.subjects.push(...(finding.subject === undefined ? [] : [finding.subject]));
    else alike.set(key, { finding, subjects: finding.subject === undefined ? [] : [finding.subject], place });
  }
  return [...alike.values()].map(({ finding: { severity, what, change }, subjects, place }) => {
    const shown = subjects.slice(0, most).join(", ");
    const more = subjects.length > most ? ` and ${subjects.length - most} more` : "";
    return { severity, text: `${what}${shown && ` ${shown}${more}`}: ${change}`, place };
  });
}

function placeOf({ severity, place }: Finding): string {
  // What is safe needs nobody to go there.
  if (place === undefined || severity === "safe") return "";
  return place.line === undefined ? place.file : `${place.file}:${place.line}:${place.column ?? 1}`;
}

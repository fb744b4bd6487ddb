import type { SpecDiff } from "../diff-spec.js";
import type { Finding } from "./finding.js";
import { summary } from "./report.js";

/** As wide as oxfmt makes Markdown here. */
const width = 120;

/**
 * A changelog with what an update changes, under "Unreleased" and "Changed" in the form of
 * https://keepachangelog.com/en/1.1.0/
 */
export function changelogWith(text: string, diff: SpecDiff): string {
  const entry = entryOf(diff);
  const lines = text.split("\n");
  const isRelease = (line: string): boolean => line.startsWith("## ");
  let start = lines.findIndex((line) => /^## \[?unreleased/i.test(line));
  if (start < 0) {
    const first = lines.findIndex(isRelease);
    start = first < 0 ? lines.length : first;
    lines.splice(start, 0, "## Unreleased", "");
  }
  const next = lines.findIndex((line, index) => index > start && isRelease(line));
  const end = next < 0 ? lines.length : next;
  const changed = lines.findIndex((line, index) => index > start && index < end && /^### changed/i.test(line));
  if (changed >= 0) lines.splice(changed + 2, 0, entry);
  else lines.splice(start + 2, 0, "### Changed", "", entry, "");
  return lines.join("\n");
}

function entryOf(diff: SpecDiff): string {
  const told = diff.findings.filter(({ severity, tool }) => severity === "breaking" && tool !== undefined);
  const added = diff.findings.filter(({ check }) => check === "tool-added").flatMap(({ tool }) => tool ?? []);
  return [
    wrapped(`- ${summary(diff)}.`, "  "),
    ...told.map((finding) => wrapped(`  - **Breaking**: ${sentence(finding)}`, "    ")),
    ...(added.length > 0 ? [wrapped(`  - New: ${listed(added)}.`, "    ")] : []),
  ].join("\n");
}

/** What came from a document is Markdown only where it cannot be mistaken for some. */
const sentence = ({ tool, what, subject, change }: Finding): string =>
  `\`${tool ?? ""}\`: ${what}${subject === undefined ? "" : ` ${code(subject)}`} ${/^[\w ,.:;()-]*$/.test(change) && !change.includes("_") ? change : code(change)}.`;

const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `\`${name}\``);
  return shown.join(", ") + (names.length > shown.length ? ` and ${names.length - shown.length} more` : "");
}

function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  const start = /^ */.exec(text)?.[0] ?? "";
  let line = start;
  for (const word of text.trim().split(" ")) {
    if (line.trim() === "") line += word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line].join("\n");
}

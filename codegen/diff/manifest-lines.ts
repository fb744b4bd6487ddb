import type { Manifest, ManifestEntry } from "../manifest-files.js";
import type { Problem } from "../problem.js";
import type { Path } from "../yaml-source.js";
import type { Difference, ManifestLine } from "./finding.js";

/** The line of the manifest that says something about what a difference is about. */
export function manifestLine(manifest: Manifest, entry: ManifestEntry, difference: Difference): ManifestLine {
  const { source, path, tool } = entry;
  const at = (own: Path, part?: "key" | "value"): ManifestLine => source.place([...path, ...own], part);
  if (difference.what === "operation") return at(["operation"]);
  const subject = difference.subject;
  if (subject !== undefined && difference.what === "answer field") {
    const index = (tool.view ?? []).findIndex((shown) => isWithin(shown.split("?")[0] ?? shown, subject));
    return index < 0 ? at([], "key") : at(["view", index]);
  }
  if (subject !== undefined && difference.what === "parameter") {
    const name = subject.split(/[.[]/)[0] ?? subject;
    if (tool.parameters?.[name]) return at(["parameters", name], "key");
    for (const list of ["curated", "require", "omit"] as const) {
      const index = tool[list]?.indexOf(name) ?? -1;
      if (index >= 0) return at([list, index]);
    }
    const renamed = Object.entries(tool.rename ?? {}).find(([, to]) => to === name);
    if (renamed) return at(["rename", renamed[0]], "key");
    if (manifest.inherited.value.parameters?.[name])
      return manifest.inherited.source.place(["parameters", name], "key");
  }
  if (difference.what in tool) return at([difference.what], "key");
  return at([], "key");
}

const isWithin = (shown: string, field: string): boolean =>
  shown === field || shown.startsWith(`${field}.`) || shown.startsWith(`${field}[]`);

/** The tool that a problem of the manifest stands in: the last one that begins above it. */
export function toolAt(
  { entries, texts, workflows }: Manifest,
  { file, line }: Problem,
): Pick<ManifestEntry, "name"> | undefined {
  if (line === undefined) return undefined;
  return [...entries, ...texts, ...workflows]
    .filter(({ source }) => source.file === file)
    .map((entry) => ({ entry, begins: entry.source.place(entry.path, "key").line }))
    .filter(({ begins }) => begins <= line)
    .sort((a, b) => b.begins - a.begins)[0]?.entry;
}

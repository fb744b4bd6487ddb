import type { Manifest } from "./manifest-files.js";
import type { Problem } from "./problem.js";

/** Names that tools had, and that something else has now: calls by them would lead elsewhere. */
export function aliasProblems(
  { entries, texts, workflows }: Pick<Manifest, "entries" | "texts" | "workflows">,
  names: ReadonlySet<string>,
): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const { source, path, name, tool } of [...entries, ...texts, ...workflows])
    for (const [index, alias] of (tool.aliases ?? []).entries()) {
      const at = [...path, "aliases", index];
      const other = seen.get(alias);
      if (names.has(alias)) problems.push(source.problem(at, `${name}: "${alias}" is the name of a tool`));
      else if (other !== undefined)
        problems.push(source.problem(at, `${name}: "${alias}" is an alias of ${other} already`));
      seen.set(alias, name);
    }
  return problems;
}

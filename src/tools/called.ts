import { namesOf, type Named } from "../policy/glob.js";

const known = new WeakMap<readonly Named[], ReadonlyMap<string, Named>>();

/** Tools by every name that they have or had: made once for a list, which servers open for every request. */
export function byEveryName<Tool extends Named>(tools: readonly Tool[]): ReadonlyMap<string, Tool> {
  const made = known.get(tools) as ReadonlyMap<string, Tool> | undefined;
  if (made) return made;
  const named = new Map(tools.flatMap((tool) => namesOf(tool).map((name): [string, Tool] => [name, tool])));
  known.set(tools, named);
  return named;
}

/** For whoever uses a name that a tool had. */
export const renamed = (alias: string, { name }: Named): string => `${alias} is called ${name} now: use that name.`;

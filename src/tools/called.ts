import { namesOf, type Named } from "../policy/glob.js";

/** Tools by every name that they have or had. */
export const byEveryName = <Tool extends Named>(tools: readonly Tool[]): ReadonlyMap<string, Tool> =>
  new Map(tools.flatMap((tool) => namesOf(tool).map((name) => [name, tool])));

/** For whoever uses a name that a tool had. */
export const renamed = (alias: string, { name }: Named): string => `${alias} is called ${name} now: use that name.`;

/** What has a name, and may have had others. */
export interface Named {
  readonly name: string;
  readonly aliases?: readonly string[];
}

/** What a tool is called, and was. */
export const namesOf = ({ name, aliases = [] }: Named): readonly string[] => [name, ...aliases];

/** Whether a tool's name is what `glob` says: `*` stands for any part of it. */
export function matchesGlob(name: string, glob: string): boolean {
  const pattern = glob
    .split("*")
    .map((part) => part.replace(/\W/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(name);
}

/**
 * Whether what has these names is among names and globs; those that begin with `!` take away from the others, and from
 * everything where there are no others.
 */
export function matchesGlobs(names: readonly string[], globs: readonly string[]): boolean {
  const without = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const included = globs.filter((glob) => !glob.startsWith("!"));
  return (
    (included.length === 0 || included.some((glob) => matchesAny(names, glob))) &&
    !without.some((glob) => matchesAny(names, glob))
  );
}

const matchesAny = (names: readonly string[], glob: string): boolean => names.some((name) => matchesGlob(name, glob));

/** Whether a tool's name is what `glob` says: `*` stands for any part of it. */
export function matchesGlob(name: string, glob: string): boolean {
  const pattern = glob
    .split("*")
    .map((part) => part.replace(/\W/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`).test(name);
}

/**
 * Whether a name is among names and globs; those that begin with `!` take away from the others, and from everything
 * where there are no others.
 */
export function matchesGlobs(name: string, globs: readonly string[]): boolean {
  const without = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const included = globs.filter((glob) => !glob.startsWith("!"));
  return (
    (included.length === 0 || included.some((glob) => matchesGlob(name, glob))) &&
    !without.some((glob) => matchesGlob(name, glob))
  );
}

/** Whether git takes a name for a branch or a tag. */
export const isRefName = (name: string): boolean =>
  name !== "" &&
  !/[\s~^:?*[\\\u0000-\u001f\u007f]|\.\.|@\{|\/\/|\.lock(?:\/|$)/.test(name) &&
  !/^[-/.]|[/.]$/.test(name);

/** A search for branches or tags: `^` and `$` say where in the name the text stands. */
export function nameSearch(search: string | undefined): (name: string) => boolean {
  if (search === undefined || search === "") return () => true;
  const text = search.replace(/^\^/, "").replace(/\$$/, "").toLowerCase();
  return (name) => {
    const lower = name.toLowerCase();
    if (search.startsWith("^") && !lower.startsWith(text)) return false;
    return search.endsWith("$") ? lower.endsWith(text) : lower.includes(text);
  };
}

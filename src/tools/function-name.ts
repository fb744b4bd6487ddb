/** Words that no function can be called by (https://tc39.es/ecma262/#prod-ReservedWord, and those of strict mode). */
const reserved: ReadonlySet<string> = new Set([
  ..."await break case catch class const continue debugger default delete do else enum export extends false".split(" "),
  ..."finally for function if import in instanceof new null return super switch this throw true try typeof".split(" "),
  ..."var void while with yield let static implements interface package private protected public".split(" "),
  ...["arguments", "eval"],
]);

/** The function of a tool: its name without `gitlab_`, in camelCase; `import_` where that is a word of the language. */
export function functionName(tool: string): string {
  const name = tool.replace(/^gitlab_/, "").replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return reserved.has(name) ? `${name}_` : name;
}

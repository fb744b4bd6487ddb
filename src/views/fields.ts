/** `title`, `author.username`, `+assignees[].username`. */
const fieldPath = /^\+?\w+(?:\[\])?(?:\.\w+(?:\[\])?)*$/;

/** What names a thing in the next call; it stays when fields are replaced. */
const naming = new Set(["id", "iid", "sha", "last_commit_id", "tag_name", "key", "file_path"]);

/** The entries of `fields` that are not paths. */
export function badFields(fields: readonly string[]): string[] {
  return fields.filter((field) => !fieldPath.test(field));
}

/**
 * The paths of a call: the tool's own, and `+field` beside them; or, without a plus, the given ones in their place.
 * What the next call needs stays either way: ids, iids, shas, and the first path of the view, which names the thing.
 */
export function fieldPaths(view: readonly string[], fields: readonly string[] | undefined): readonly string[] {
  if (!fields || fields.length === 0) return view;
  const replace = fields.some((field) => !field.startsWith("+"));
  const base = replace ? view.filter((path, index) => index === 0 || naming.has(path)) : view;
  const given = fields.map((field) => field.replace(/^\+/, ""));
  // A view that is empty shows everything already.
  return view.length === 0 && !replace ? view : [...new Set([...base, ...given])];
}

/**
 * Takes `fields` out of what a model sent, for tools that have no parameter of that name: it says what the answer is
 * to show, and is not GitLab's.
 */
export function takeFields(
  tool: { readonly parameters: Readonly<Record<string, unknown>> },
  input: unknown,
): { readonly input: unknown; readonly fields?: readonly string[] } {
  if (typeof input !== "object" || input === null || !("fields" in input) || "fields" in tool.parameters)
    return { input };
  const { fields: given, ...rest } = input;
  const list = typeof given === "string" ? given.split(",") : Array.isArray(given) ? given.map(String) : [];
  const fields = list.map((field) => field.trim()).filter((field) => field !== "");
  return { input: rest, ...(fields.length > 0 && { fields }) };
}

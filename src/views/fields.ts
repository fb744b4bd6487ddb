/** `title`, `author.username`, `+assignees[].username`. */
const fieldPath = /^\+?\w+(?:\[\])?(?:\.\w+(?:\[\])?)*$/;

/** What names a thing in the next call; it stays when fields are replaced. */
const naming = new Set(["id", "iid", "sha", "last_commit_id", "tag_name", "key", "file_path"]);

/** Nothing in GitLab's answers lies deeper, and a call that asks for more fields wants them all. */
const mostSteps = 8;
const mostFields = 50;
const longestField = 400;

const isPath = (field: string): boolean =>
  field.length <= longestField && fieldPath.test(field) && field.split(".").length <= mostSteps;

/** What is wrong with `fields`, if anything. */
export function fieldsProblem(fields: readonly string[]): string | undefined {
  if (fields.length > mostFields) return `expected at most ${mostFields} fields, got ${fields.length}`;
  const wrong = fields.filter((field) => !isPath(field)).slice(0, 5);
  if (wrong.length === 0) return undefined;
  const shown = wrong.map((field) => JSON.stringify(field.slice(0, 40))).join(", ");
  return `expected paths of at most ${mostSteps} steps such as title, author.username or +weight, got ${shown}`;
}

/**
 * The paths of a call: the tool's own, and `+field` beside them; or, without a plus, the given ones in their place.
 * What the next call needs stays either way: ids, iids, shas, and the first path of the view, which names the thing.
 */
export function fieldPaths(view: readonly string[], fields: readonly string[] | undefined): readonly string[] {
  if (!fields || fields.length === 0) return view;
  const replace = fields.some((field) => !field.startsWith("+"));
  const base = replace ? view.filter((path, index) => index === 0 || naming.has(path)) : view;
  const added = fields.map((field) => field.replace(/^\+/, ""));
  // A view that is empty shows everything already.
  return view.length === 0 && !replace ? view : [...new Set([...base, ...added])];
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
  const { fields: requested, ...rest } = input;
  const list =
    typeof requested === "string" ? requested.split(",") : Array.isArray(requested) ? requested.map(String) : [];
  const fields = list.map((field) => field.trim()).filter((field) => field !== "");
  return { input: rest, ...(fields.length > 0 && { fields }) };
}

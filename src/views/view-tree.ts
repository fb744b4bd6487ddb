/**
 * The paths of a compact view as a tree: `author.username` and `assignees[].username` in, `author: "ada"` and
 * `assignees: ["ada"]` out. The one place that knows how fields are named and flattened.
 */
export interface ViewNode {
  /** By the field's name in GitLab's answer; empty for a field that is taken whole. */
  readonly fields: Map<string, ViewNode>;
  /** Another field: only what has it shows this one. */
  beside?: string;
}

/** Fields by which people, labels, milestones and commits are known: alone, they stand for the whole thing. */
const names = new Set(["username", "title", "name", "short_id"]);

const cache = new WeakMap<readonly string[], ViewNode>();

/** The tree of a view's paths. `[]` marks lists for readers; a list is walked into with or without it. `a?b` is `a` of what has `b`. */
export function viewTree(paths: readonly string[]): ViewNode {
  const known = cache.get(paths);
  if (known) return known;
  const root: ViewNode = { fields: new Map() };
  for (const entry of paths) {
    const [path = "", beside] = entry.split("?");
    let node = root;
    for (const step of path.replaceAll("[]", "").split(".")) {
      let next = node.fields.get(step);
      if (!next) node.fields.set(step, (next = { fields: new Map() }));
      node = next;
    }
    if (beside !== undefined) node.beside = beside;
  }
  cache.set(paths, root);
  return root;
}

/** Where a field stands in the compact view, and which of its own fields stands for all of it. */
export interface ShownField {
  readonly name: string;
  /** The field's only field, whose value takes its place. */
  readonly flatten?: string;
}

/**
 * `author.username` alone is `author`; `pipeline.id` alone is `pipeline_id`, as the next call names it; a release's
 * `_links.self` is what is `web_url` elsewhere. With more than one field, an object stays an object.
 */
export function shownField(name: string, node: ViewNode): ShownField {
  const [only, ...others] = node.fields.keys();
  if (only === undefined || others.length > 0) return { name };
  if (name === "_links" && only === "self") return { name: "web_url", flatten: only };
  if (only === "id" || only === "iid") return { name: `${name}_${only}`, flatten: only };
  const inner = node.fields.get(only);
  const flat = names.has(only) || (inner !== undefined && shownField(only, inner).flatten !== undefined);
  return flat ? { name, flatten: only } : { name };
}

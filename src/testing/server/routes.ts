interface Leaf<T> {
  readonly value: T;
  readonly names: readonly string[];
}

/** A place in the tree of paths, a level per segment. */
class Branch<T> {
  readonly literals = new Map<string, Branch<T>>();
  parameter: Branch<T> | undefined;
  readonly leaves = new Map<string, Leaf<T>>();
}

/** Paths with `{parameters}` and what they lead to, by method. A literal segment wins over a parameter. */
export class Routes<T> {
  readonly #root = new Branch<T>();

  add(method: string, template: string, value: T): void {
    // The router's notation of an optional part, as in `/(-/)search`.
    if (template.includes("(-/)")) {
      this.add(method, template.replace("(-/)", ""), value);
      this.add(method, template.replace("(-/)", "-/"), value);
      return;
    }
    const names: string[] = [];
    let branch = this.#root;
    for (const segment of segmentsOf(template)) {
      const name = /^(?:\{(.+)\}|[:*](.+))$/
        .exec(segment)
        ?.slice(1)
        .find((found) => found !== undefined);
      if (name === undefined) {
        const next = branch.literals.get(segment) ?? new Branch<T>();
        branch.literals.set(segment, next);
        branch = next;
      } else {
        names.push(name);
        branch = branch.parameter ??= new Branch<T>();
      }
    }
    branch.leaves.set(method, { value, names });
  }

  remove(method: string, template: string, value: T): void {
    const branch = segmentsOf(template).reduce<Branch<T> | undefined>(
      (at, segment) => (/^[{:*]/.test(segment) ? at?.parameter : at?.literals.get(segment)),
      this.#root,
    );
    if (branch?.leaves.get(method)?.value === value) branch.leaves.delete(method);
  }

  /**
   * Finds where a path as it stands in the request line leads to. Its parameters are decoded once, here. Otherwise the
   * methods that the path has; empty when there is no such path.
   */
  find(
    method: string,
    rawPath: string,
  ): { readonly value: T; readonly path: Readonly<Record<string, string>> } | { readonly allowed: readonly string[] } {
    if (this.#root.literals.size === 0 && this.#root.parameter === undefined) return { allowed: [] };
    const segments = segmentsOf(rawPath);
    const allowed = new Set<string>();
    const values: string[] = [];
    const walk = (branch: Branch<T>, index: number): Leaf<T> | undefined => {
      const segment = segments[index];
      if (segment === undefined) {
        for (const known of branch.leaves.keys()) allowed.add(known);
        return branch.leaves.get(method);
      }
      const rest = branch.parameter?.leaves.get(method);
      // A path inside an archive goes to the end, slashes and all.
      if (rest?.names.at(-1) === "artifact_path") {
        values.push(segments.slice(index).join("/"));
        return rest;
      }
      const literal = branch.literals.get(segment);
      const found = literal === undefined ? undefined : walk(literal, index + 1);
      if (found !== undefined || branch.parameter === undefined || segment === "") return found;
      values.push(segment);
      const leaf = walk(branch.parameter, index + 1);
      if (leaf === undefined) values.pop();
      return leaf;
    };
    const leaf = walk(this.#root, 0);
    if (leaf === undefined) return { allowed: [...allowed] };
    const path = Object.fromEntries(leaf.names.map((name, index) => [name, decodeSegment(values[index] ?? "")]));
    return { value: leaf.value, path };
  }
}

const segmentsOf = (path: string): string[] => path.replace(/^\//, "").replace(/\/$/, "").split("/");

/** A `%` that starts no escape sequence stands for itself. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

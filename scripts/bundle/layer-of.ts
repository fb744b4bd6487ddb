/** A part of the package that is loaded at once: the modules named, with all that they import. */
export interface Layer {
  readonly roots: readonly string[];
  /** Layers that are loaded before it in any case. */
  readonly after?: readonly string[];
}

/** What a module imports, by path: along with itself, and when it is needed. */
export interface Imports {
  readonly now: readonly string[];
  readonly later: readonly string[];
}

/**
 * The layer of each module: the last of those that are loaded wherever the module is. So nobody loads a layer for the sake
 * of a few lines of it, and no layer imports one after it. What a single lazy import needs is in none.
 *
 * @param layers in the order in which they are loaded
 * @throws {Error} where a root is no module
 */
export function layersOf(
  layers: ReadonlyMap<string, Layer>,
  modules: ReadonlyMap<string, Imports>,
): Map<string, string> {
  const importers = lazyImporters(modules);
  const roots = new Set([...layers.values()].flatMap((layer) => layer.roots));
  const missing = [...roots].find((file) => !modules.has(file));
  if (missing !== undefined) throw new Error(`${missing} is the root of a layer, and no module of the package`);
  /** The modules of what is loaded at once, by the name of a layer or the path of a lazy import. */
  const parts = new Map([
    ...[...layers].map(([name, layer]) => [name, closure(layer.roots, modules)] as const),
    ...[...importers.keys()]
      .filter((file) => !roots.has(file))
      .map((file) => [file, closure([file], modules)] as const),
  ]);
  const users = new Map<string, string[]>();
  for (const [name, files] of parts) for (const file of files) users.set(file, [...(users.get(file) ?? []), name]);

  // What is loaded once a part is: at first all of it, then less each time, until nothing changes.
  let loaded = new Map([...parts.keys()].map((name) => [name, new Set(parts.keys())]));
  const loadedWith = (name: string): Set<string> => loaded.get(name) ?? new Set();
  const loadedWherever = (file: string): Set<string> => intersection((users.get(file) ?? []).map(loadedWith));
  const before = (name: string, files: ReadonlySet<string>): Set<string>[] => {
    const layer = layers.get(name);
    if (layer) return (layer.after ?? []).map(loadedWith);
    const imported = [...layers].filter(([, { roots: its }]) => its.length > 0 && its.every((root) => files.has(root)));
    return [
      ...imported.map(([other]) => loadedWith(other)),
      intersection((importers.get(name) ?? []).map(loadedWherever)),
    ];
  };
  for (let size = 0; size !== sum(loaded);) {
    size = sum(loaded);
    loaded = new Map(
      [...parts].map(([name, files]) => [name, new Set([name, ...before(name, files).flatMap((set) => [...set])])]),
    );
  }

  const found = new Map<string, string>();
  for (const [file, its] of users) {
    const everywhere = loadedWherever(file);
    if (its.some((name) => !layers.has(name) && everywhere.has(name))) continue;
    const last = [...layers.keys()].findLast((name) => everywhere.has(name));
    if (last !== undefined) found.set(file, last);
  }
  return found;
}

/** Who imports a module when it is needed, by its path. */
function lazyImporters(modules: ReadonlyMap<string, Imports>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [file, { later }] of modules)
    for (const target of later) found.set(target, [...(found.get(target) ?? []), file]);
  return found;
}

function closure(roots: readonly string[], modules: ReadonlyMap<string, Imports>): Set<string> {
  const found = new Set(roots);
  // A set goes on to what is added to it meanwhile.
  for (const file of found) for (const next of modules.get(file)?.now ?? []) found.add(next);
  return found;
}

function intersection([first = new Set(), ...others]: readonly ReadonlySet<string>[]): Set<string> {
  return new Set([...first].filter((name) => others.every((other) => other.has(name))));
}

const sum = (sets: ReadonlyMap<string, ReadonlySet<string>>): number =>
  [...sets.values()].reduce((total, { size }) => total + size, 0);

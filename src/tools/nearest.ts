import { closest, distance } from "fastest-levenshtein";

/** The name that was probably meant, or nothing where none is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const wanted = name.toLowerCase();
  const found = closest(wanted, [...names]);
  return distance(wanted, found) <= Math.max(2, Math.floor(found.length / 3)) ? found : undefined;
}

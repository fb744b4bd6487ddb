import { distance } from "fastest-levenshtein";

/** No name of ours is anywhere near as long, and the comparison's cost grows with the square. */
const longestName = 100;

/** The name that was probably meant, or nothing when none is near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of names) {
    const apart = distance(name.toLowerCase(), candidate.toLowerCase());
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best !== undefined && least <= Math.max(2, Math.ceil(name.length / 2.5)) ? best : undefined;
}

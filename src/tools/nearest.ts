import { distance } from "fastest-levenshtein";

/** The name that was probably meant, or nothing when none is near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of names) {
    const apart = distance(name.toLowerCase(), candidate.toLowerCase());
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best !== undefined && least <= Math.max(2, Math.ceil(name.length / 2.5)) ? best : undefined;
}

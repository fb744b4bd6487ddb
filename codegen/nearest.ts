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

/** ` Did you mean "x"?`, or what there is to choose from. */
export function suggestion(name: string, names: Iterable<string>): string {
  const all = [...names];
  const near = nearest(name, all);
  if (near !== undefined) return `; did you mean "${near}"?`;
  if (all.length === 0) return "; there are none";
  return `; there are: ${all.slice(0, 40).join(", ")}${all.length > 40 ? ", …" : ""}`;
}

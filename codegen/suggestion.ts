import { nearest } from "../src/options/nearest.js";

/** ` Did you mean "x"?`, or what there is to choose from. */
export function suggestion(name: string, names: Iterable<string>): string {
  const all = [...names];
  const near = nearest(name, all);
  if (near !== undefined) return `; did you mean "${near}"?`;
  if (all.length === 0) return "; there are none";
  return `; there are: ${all.slice(0, 40).join(", ")}${all.length > 40 ? ", …" : ""}`;
}

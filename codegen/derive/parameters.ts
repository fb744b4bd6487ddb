import type { Naming } from "../naming.js";
import type { OperationPlace, WireParameter } from "../parameter.js";
import { singular, type Vocabulary } from "../vocabulary.js";
import type { Derived } from "./origin.js";
import { segmentsOf, snake } from "./path.js";
import { isCallersCredential } from "./secrets.js";

/** Placeholders that do not say what they name. */
const bare = new Set(["id", "noteable_id", "subscribable_id", "eventable_id", "awardable_id"]);

/** Public names that are snake_case and say what they name: `{id}` of `/runners/{id}` is `runner_id`. */
export function renamesOf(
  { path }: Pick<OperationPlace, "path">,
  wire: readonly WireParameter[],
  inherited: Naming,
  vocabulary: Vocabulary,
): Derived<Record<string, string>> {
  const renames: Record<string, string> = {};
  const segments = segmentsOf(path);
  const taken = new Set<string>();
  for (const parameter of wire.filter((one) => one.in === "path")) {
    const name = inherited.nameOf(parameter);
    const collection = segments[segments.indexOf(`{${parameter.wire}}`) - 1];
    const known = collection === undefined ? undefined : vocabulary.keys[collection];
    let candidate =
      name !== parameter.wire || !bare.has(name) || collection === undefined || collection.startsWith("{")
        ? publicName(name)
        : (known ?? `${snake(singular(vocabulary, collection))}_id`);
    // The group that something is shared with, beside the group that it belongs to.
    if (taken.has(candidate)) candidate = `${snake(singular(vocabulary, collection ?? "other"))}_${candidate}`;
    if (candidate !== name) renames[parameter.wire] = candidate;
    taken.add(candidate);
  }
  for (const parameter of wire.filter((one) => one.in !== "path")) {
    const name = inherited.nameOf(parameter);
    // What the manifest calls it is not for us to change.
    if (name !== parameter.wire) continue;
    let candidate = publicName(name);
    // The path has it too: what is in the body is the new one.
    if (taken.has(candidate)) candidate = parameter.in === "body" ? `new_${candidate}` : `${candidate}_${parameter.in}`;
    if (candidate !== name) renames[`${parameter.in}.${parameter.wire}`] = candidate;
    taken.add(candidate);
  }
  return { value: renames, rule: "an id is named after its collection" };
}

/** Query parameters that only repeat one of the path. */
export function omissionsOf(wire: readonly WireParameter[]): Derived<string[]> {
  const inPath = new Set(wire.filter((one) => one.in === "path").map((one) => one.wire));
  const repeated = wire.filter(
    (one) => one.in !== "path" && !one.required && bare.has(one.wire) && inPath.has(one.wire),
  );
  return { value: repeated.map((one) => `${one.in}.${one.wire}`), rule: "the path has it already" };
}

/** What authenticates whoever calls: the account's own token does, and a model is asked for none. */
export function callersCredentials(wire: readonly WireParameter[]): Derived<string[]> {
  const found = wire.filter((one) => !one.required && isCallersCredential(one));
  return { value: found.map((one) => `${one.in}.${one.wire}`), rule: "the account's token authenticates" };
}

function publicName(name: string): string {
  if (/^[a-z][a-z0-9_]*$/.test(name)) return name;
  const plain = snake(name);
  return /^[a-z]/.test(plain) ? plain : `p_${plain}`;
}

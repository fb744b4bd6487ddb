import type { Inherited, ManifestTool } from "./manifest.js";
import type { OperationPlace, WireParameter } from "./parameter.js";

export type InheritedRename = NonNullable<Inherited["rename"]>[number];

/** How the parameters of a tool are called: its own renames, then inherited ones, then as GitLab calls them. */
export interface Naming {
  readonly nameOf: (parameter: Pick<WireParameter, "wire" | "in">) => string;
  /** The inherited rename that applies, which may know more about the parameter. */
  readonly ruleOf: (parameter: Pick<WireParameter, "wire" | "in">) => InheritedRename | undefined;
  /** Whether the manifest means this parameter: by public name, by wire name, or by place and wire name (`body.key`). */
  readonly means: (name: string, parameter: Pick<WireParameter, "wire" | "in">) => boolean;
  /** Wire names of bracketed parameters that are not joined into an object. */
  readonly separate: ReadonlySet<string>;
}

export function namingOf(tool: ManifestTool, place: OperationPlace, rules: readonly InheritedRename[]): Naming {
  const inherited = rules
    .filter(({ path }) => place.path === path || place.path.startsWith(path.endsWith("/") ? path : `${path}/`))
    .sort((a, b) => b.path.length - a.path.length);
  const own = new Map(Object.entries(tool.rename ?? {}));
  const ruleOf: Naming["ruleOf"] = ({ wire, in: where }) =>
    inherited.find(({ from }) => from === wire && (where === "path" || !place.path.includes(`{${from}}`)));
  const nameOf: Naming["nameOf"] = (parameter) =>
    own.get(`${parameter.in}.${parameter.wire}`) ?? own.get(parameter.wire) ?? ruleOf(parameter)?.to ?? parameter.wire;
  return {
    nameOf,
    ruleOf,
    means: (name, parameter) => [nameOf(parameter), parameter.wire, `${parameter.in}.${parameter.wire}`].includes(name),
    separate: new Set([...own.keys(), ...inherited.map(({ from }) => from), ...(tool.omit ?? [])]),
  };
}

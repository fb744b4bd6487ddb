import { isDeepStrictEqual } from "node:util";
import type { Derived, Origin } from "./derive/origin.js";
import type { ManifestTool } from "./manifest.js";
import type { Level } from "./model.js";
import type { Problem } from "./problem.js";

/** A tool to be: what the manifest says of it, and where. */
export interface Entry {
  readonly name: string;
  readonly area: string;
  readonly level: Level;
  readonly tool: ManifestTool;
  readonly problem: (path: readonly (string | number)[], message: string, part?: "key" | "value") => Problem;
}

/** What the manifest says wins over what is derived; where it says the same, its line is reported. */
export class Override {
  readonly #entry: Pick<Entry, "name" | "problem">;
  readonly #redundant: (message: string) => void;
  readonly origins: Record<string, Origin> = {};

  constructor(entry: Pick<Entry, "name" | "problem">, redundant: (message: string) => void) {
    this.#entry = entry;
    this.#redundant = redundant;
  }

  value<Value>(field: string, declared: Value | undefined, derived: Derived<Value>): Value {
    if (declared === undefined) {
      this.origins[field] = { from: "derived", rule: derived.rule };
      return derived.value;
    }
    const { file, line, column } = this.#entry.problem([field], "", "key");
    const place = `${file}:${line}:${column}`;
    this.origins[field] = { from: "manifest", place };
    // Who may change or lose something is a person's judgement, and stays written down.
    const isJudgement = field === "access" && declared !== "read";
    if (!isJudgement && isDeepStrictEqual(declared, derived.value))
      this.#redundant(`${place} ${this.#entry.name}: "${field}" says what is derived; remove it`);
    return declared;
  }
}

import type { PresetName } from "../../generated/presets.js";
import type { Abilities } from "./abilities.js";
import type { Access } from "../definition/definition.js";

/** Which tools an agent gets. Everything that is given must hold. */
export interface Selection extends Abilities {
  /** Tools for a common job, or for several: `triage`, `review`, `ci`, `release`, `read-only`. */
  readonly preset?: PresetName | readonly PresetName[];
  /** Names or globs such as `gitlab_issue*`; `!gitlab_*_delete` takes away. */
  readonly tools?: readonly string[];
  readonly areas?: readonly string[];
  /**
   * How far globs, areas, access and an empty selection reach: `core` (default) is what agents need every day,
   * `extended` adds what is curated beside it, `all` the rest of GitLab's API. A tool named in full is always reached.
   */
  readonly level?: SelectionLevel;
  /** The most that a tool may do: `read` offers only reads, `write` nothing destructive. */
  readonly access?: Access;
}

export type SelectionLevel = "core" | "extended" | "all";

import { createShortCache } from "./short-cache.js";
import type { Audience } from "./visibility.js";

export type PlaceKind = "project" | "group";

/** A project or group as GitLab knows it. */
export interface FoundPlace {
  readonly id: number;
  /** Full path. */
  readonly path: string;
  /** Who can read it; absent where GitLab does not say. */
  readonly visibility?: Audience;
}

/** What references have been found to name, for a short while and for each account: what one sees, another may not. */
export interface ProjectDirectory {
  /** Looks a reference up with `find` unless it is known. Failures are not kept. */
  resolve(account: string, kind: PlaceKind, reference: string, find: () => Promise<FoundPlace>): Promise<FoundPlace>;
}

/** A project that is moved out of an allowed group is found out within a minute. */
export function createProjectDirectory(now: () => number): ProjectDirectory {
  const known = createShortCache<FoundPlace>(now);
  return {
    resolve: (account, kind, reference, find) => known.resolve([account, kind, reference], find),
  };
}

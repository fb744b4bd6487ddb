/** A project or group as GitLab knows it. */
export interface FoundPlace {
  readonly id: number;
  /** Full path. */
  readonly path: string;
}

/** What references have been found to name, for a short while and for each account: what one sees, another may not. */
export interface ProjectDirectory {
  /** Looks a reference up with `find` unless it is known. Failures are not kept. */
  resolve(
    account: string,
    kind: "project" | "group",
    reference: string,
    find: () => Promise<FoundPlace>,
  ): Promise<FoundPlace>;
}

const keptMs = 60_000;
const most = 5000;

/** A project that is moved out of an allowed group is found out within a minute. */
export function createProjectDirectory(now: () => number): ProjectDirectory {
  const known = new Map<string, { readonly place: FoundPlace; readonly until: number }>();
  return {
    async resolve(account, kind, reference, find) {
      const key = JSON.stringify([account, kind, reference]);
      const entry = known.get(key);
      if (entry && now() < entry.until) return entry.place;
      const place = await find();
      known.delete(key);
      known.set(key, { place, until: now() + keptMs });
      const oldest = known.keys().next();
      if (known.size > most && !oldest.done) known.delete(oldest.value);
      return place;
    },
  };
}

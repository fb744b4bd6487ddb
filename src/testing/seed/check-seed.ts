type Hash = Readonly<Record<string, unknown>>;

const isHash = (value: unknown): value is Hash => typeof value === "object" && value !== null && !Array.isArray(value);

/** The lists of a seed, with what each of their entries is known by. */
const lists: Readonly<Record<string, string>> = { users: "username", groups: "path", projects: "path" };
const inProject: Readonly<Record<string, string>> = {
  labels: "name",
  milestones: "title",
  issues: "title",
  merge_requests: "title",
  pipelines: "ref",
  releases: "tag_name",
};

/**
 * Refuses a seed that is not one before anything of it is made: they are mostly written by hand.
 *
 * @throws Error that says where, and what would be right
 */
export function checkSeed(seed: object): void {
  for (const key of Object.keys(seed)) {
    if (lists[key] === undefined && key !== "resources")
      throw new Error(`A seed has users, groups, projects and resources, no "${key}".`);
  }
  for (const [name, field] of Object.entries(lists)) {
    for (const [index, entry] of entriesOf(seed, name, "").entries()) {
      const place = `${name}[${String(index)}]`;
      needs(entry, field, place);
      if (name !== "projects") continue;
      if (!/^[^/\s]+(?:\/[^/\s]+)+$/.test(String(entry["path"])))
        throw new Error(`${place} of the seed needs a path with its group or user, such as "shop/web".`);
      for (const [inner, known] of Object.entries(inProject)) {
        for (const [at, one] of entriesOf(entry, inner, `${place}.`).entries()) {
          needs(one, known, `${place}.${inner}[${String(at)}]`);
        }
      }
    }
  }
}

function entriesOf(of: object, name: string, place: string): readonly Hash[] {
  const value = Object.entries(of).find(([key]) => key === name)?.[1] as unknown;
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isHash))
    throw new Error(`${place}${name} of the seed has to be a list of maps.`);
  return value;
}

function needs(entry: Hash, field: string, place: string): void {
  const value = entry[field];
  if (typeof value !== "string" || value === "") throw new Error(`${place} of the seed needs a ${field}.`);
}

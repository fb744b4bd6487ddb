/** Access levels: https://docs.gitlab.com/api/members/#roles */
const roles: readonly (readonly [level: number, name: string])[] = [
  [50, "Owner"],
  [40, "Maintainer"],
  [30, "Developer"],
  [25, "Security Manager"],
  [20, "Reporter"],
  [15, "Planner"],
  [10, "Guest"],
  [5, "Minimal Access"],
];

/** `Developer (30)`; a level between two roles is the lower one. */
export function roleName(level: number): string {
  const found = roles.find(([least]) => level >= least);
  return `${found?.[1] ?? "no role"} (${level})`;
}

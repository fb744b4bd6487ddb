/** Access levels by name: https://docs.gitlab.com/api/members/#roles */
export const roleLevels = {
  guest: 10,
  planner: 15,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
} as const;

export type RoleWord = keyof typeof roleLevels;

export const roleWords: readonly RoleWord[] = ["guest", "planner", "reporter", "developer", "maintainer", "owner"];

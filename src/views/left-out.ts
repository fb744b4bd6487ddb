/** What stands in the place of a text that a policy leaves out. */
export const leftOut = (role: string, kind: "project" | "group"): string =>
  `[left out: written by somebody who is not ${/^[aeiou]/.test(role) ? "an" : "a"} ${role} of this ${kind}]`;

/** Written back, it would be in the place of what it stands for. */
export const leftOutPattern = /\[left out: written by somebody who is not an? \w+ of this (?:project|group)\]/;

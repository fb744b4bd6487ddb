import type { Needs, TextPart } from "../../definition/graphql-call.js";

/** What is known of an instance; nothing is held against one that does not say. */
export interface Build {
  readonly version?: string;
  readonly enterprise?: boolean;
}

/** The text that an instance understands. */
export const textFor = (parts: readonly TextPart[], build: Build): string =>
  parts.map((part) => (typeof part === "string" ? part : has(build, part) ? part.text : "")).join("");

/** Whether an instance has what something needs. */
export function has({ version, enterprise }: Build, { since, enterprise: onlyEnterprise }: Needs): boolean {
  if (onlyEnterprise && enterprise === false) return false;
  return since === undefined || version === undefined || weight(version) >= weight(since);
}

/** `18.11.2-ee` as a number that compares as versions do. */
function weight(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  return major * 1000 + minor;
}

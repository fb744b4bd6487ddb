/**
 * A GraphQL text in parts: GitLab's schema follows the build, and one field that an instance lacks fails the whole text.
 * What each part needs is worked out when the library is generated (spec/graphql/schema.graphql has the marks), so that
 * neither the schema nor a parser is needed to put a text together.
 */
export type TextPart = string | ({ readonly text: string } & Needs);

/** What an instance needs to understand something. */
export interface Needs {
  /** The first version that has it. */
  readonly since?: string;
  /** Only Enterprise builds have it, whatever the plan. */
  readonly enterprise?: true;
}

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

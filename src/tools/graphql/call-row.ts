import type { TextPart } from "./text.js";

/** Things that people name and GitLab's GraphQL API wants the global id of. */
export type NamedThing =
  | "work_item"
  | "type"
  | "label"
  | "user"
  | "milestone"
  | "iteration"
  | "status"
  | "note"
  | "discussion"
  | "vulnerability";

/** An operation of GitLab's GraphQL API (https://docs.gitlab.com/api/graphql/), as a tool's row has it. */
export interface GraphQLCall {
  readonly text: readonly TextPart[];
  /** Where the answer has what the tool brings back: names by dots, `a|b` for whichever is there. */
  readonly result: string;
  /** The variable that takes the full path of the call's project or group. */
  readonly place?: string;
  /** The text asks whether the place is a project. */
  readonly isProject?: true;
}

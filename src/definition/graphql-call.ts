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
  | "vulnerability"
  | "custom_field";

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

/** An operation of GitLab's GraphQL API (https://docs.gitlab.com/api/graphql/), as a tool's row has it. */
export interface GraphQLCall {
  readonly text: readonly TextPart[];
  /** Where the answer has what the tool brings back: names by dots, `a|b` for whichever is there. */
  readonly result: string;
  /** The variable that takes the full path of the call's project or group. */
  readonly place?: string;
  /** The text asks whether the place is a project. */
  readonly isProject?: true;
  readonly older?: Older;
}

/** What a tool of the REST API is told. */
export type ToldValues = Readonly<Record<string, string | number | boolean>>;

/** How a tool serves an instance that is older than its text: by a tool of the REST API, for the place that this one takes. */
export interface Older {
  /** The first version that understands the text as it is meant. */
  readonly before: string;
  readonly tool: string;
  /** What that tool is told where the input does not say otherwise. */
  readonly always?: ToldValues;
  /** By parameter: the other tool's; several, where `$` is the value; or, by each value that it may have, what it comes to. */
  readonly input: Readonly<Record<string, string | ToldValues | Readonly<Record<string, ToldValues>>>>;
  /** The answer, or an item of it, made of the other tool's: see src/tools/graphql/made-of.ts. */
  readonly answer: Template;
}

/** Data with places for what other data has. */
export type Template = string | number | boolean | null | readonly Template[] | { readonly [name: string]: Template };

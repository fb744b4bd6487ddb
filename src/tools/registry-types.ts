import type { tools } from "../../generated/registry.js";
import type { ListTool, Tool } from "./callable.js";

type Tools = typeof tools;

/**
 * Tools of your own by name, which you declare: calls by these names are typed as the others are. What `generate --spec`
 * makes declares its tools here by itself. A client knows those that it was made with (`createGitLab({ tools })`).
 *
 * @example
 * ```ts
 * declare module "gitlab-agent-tools" {
 *   interface OwnTools {
 *     acme_widgets_list: typeof widgetsList;
 *   }
 * }
 * ```
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- others add to it
export interface OwnTools {}

/** The name of a tool of one's own that has been declared. */
export type OwnToolName = Extract<keyof OwnTools, string>;

type InputOf<One> =
  One extends ListTool<infer Input, infer _Item> ? Input : One extends Tool<infer Input, infer _Data> ? Input : never;

type AnswerOf<One> =
  One extends ListTool<infer _Input, infer Item> ? Item[] : One extends Tool<infer _Input, infer Data> ? Data : never;

/** The name of a tool. */
export type ToolName = Extract<keyof Tools, string>;

/** What a tool takes; `unknown` for a name that is not known when compiling. */
export type ToolInput<Name extends string> = Name extends OwnToolName
  ? InputOf<OwnTools[Name]>
  : Name extends ToolName
    ? InputOf<Tools[Name]>
    : unknown;

/** What a tool brings back as `data`; `unknown` for a name that is not known when compiling. */
export type ToolData<Name extends string> = Name extends OwnToolName
  ? AnswerOf<OwnTools[Name]>
  : Name extends ToolName
    ? AnswerOf<Tools[Name]>
    : unknown;

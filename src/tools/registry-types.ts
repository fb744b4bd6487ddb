import type { tools } from "../../generated/registry.js";
import type { ListTool, Tool } from "./callable.js";

type Tools = typeof tools;

/** The name of a tool. */
export type ToolName = Extract<keyof Tools, string>;

/** What a tool takes; `unknown` for a name that is not known when compiling. */
export type ToolInput<Name extends string> = Name extends ToolName
  ? Tools[Name] extends ListTool<infer Input, infer _Item>
    ? Input
    : Tools[Name] extends Tool<infer Input, infer _Data>
      ? Input
      : never
  : unknown;

/** What a tool brings back as `data`; `unknown` for a name that is not known when compiling. */
export type ToolData<Name extends string> = Name extends ToolName
  ? Tools[Name] extends ListTool<infer _Input, infer Item>
    ? Item[]
    : Tools[Name] extends Tool<infer _Input, infer Data>
      ? Data
      : never
  : unknown;

/**
 * Tools made of several calls. A workflow gets what it calls GitLab with, and its input as the manifest describes it;
 * what it returns is the answer. Each of its steps is a tool's own call, under the policies, approvals, retries and
 * observation of every call, and within the budget of the whole.
 */
import type { ToolData, ToolInput, ToolName } from "../tools/registry-types.js";

/** What a workflow calls GitLab with. The tools that it names stand under `steps` in its manifest entry. */
export interface Steps {
  /** Calls a tool that changes nothing. In a dry run as well: only what is read says what would be written. */
  read<Name extends ToolName>(name: Name, input: ToolInput<Name>, options?: ReadOptions): Promise<ToolData<Name>>;
  /** The items of a list's pages, each page asked for when the loop gets there. */
  each<Name extends ToolName>(name: Name, input: ToolInput<Name>): AsyncGenerator<ItemOf<Name>, void, undefined>;
  /** Calls a tool that changes something. A dry run notes its request, sends nothing, and brings back `undefined`. */
  write<Name extends ToolName>(
    name: Name,
    input: ToolInput<Name>,
    options?: WriteOptions,
  ): Promise<ToolData<Name> | undefined>;
  /** Refuses what policies take away, before the first write where a later one may be among it. */
  demand(name: ToolName): Promise<void>;
  /**
   * Which version of the merge request the agent's conversation was shown; `undefined` outside of one.
   *
   * @throws {GitLabToolError} `invalid_input` where it was shown none
   */
  seen(
    name: ToolName,
    input: { readonly project_id: string | number; readonly merge_request_iid: number },
  ): Promise<string | undefined>;
  /** Says which version of the merge request the answer shows; an answer that names a version itself counts for more. */
  shows(version: string): void;
  /** Tells whoever watches the call how far it is, in a few words. */
  progress(message: string): void;
  /** A sentence for `warnings` of the result. */
  warn(message: string): void;
  /** Waits, within the budget; ends with the call's signal. */
  sleep(ms: number): Promise<void>;
  /** What is left of the call's budget, in milliseconds. */
  timeLeft(): number;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What is known of a read beside its input. */
export interface ReadOptions {
  /** It is a list across projects: under an allow-list, what lies beyond is left out of it, where else it is refused. */
  readonly listed?: true;
}

/** What is known of a write beside its input. */
export interface WriteOptions {
  /**
   * Its path names no project, and that it stays within the call's has been shown by what was read before: an allow-list
   * lets it through.
   */
  readonly reached?: true;
}

/** An item of what a list brings back. */
export type ItemOf<Name extends ToolName> = ToolData<Name> extends readonly (infer Item)[] ? Item : never;

/** What stands behind a tool made of several calls: `run` of its file. */
export type Workflow<Input, Data> = (steps: Steps, input: Input) => Promise<Data>;

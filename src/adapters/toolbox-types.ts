import type { AuthorizationLinkOptions } from "../accounts/link.js";
import type { AccountKey } from "../accounts/types.js";
import type { CallOptions, ToolResult } from "../tools/account.js";
import type { Access } from "../definition/definition.js";
import type { ObjectSchema } from "../tools/json-schema.js";
import type { OwnTool } from "../tools/own-tools.js";
import type { Policy } from "../policy/policy.js";
import type { ModelTextOptions } from "../views/model-text.js";
import type { Selection } from "../tools/select.js";

/** A tool as a model is shown it. */
export interface ToolboxDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly area: string;
  readonly inputSchema: ObjectSchema;
  /** The schema of {@link ToolAnswer.structured}, where the toolbox was asked for it. */
  readonly outputSchema?: ObjectSchema;
  /** What it does to GitLab: nothing, a change, or a loss that cannot be undone. */
  readonly access: Access;
  /** Repeating the call leaves GitLab as one call would. */
  readonly idempotent: boolean;
  /** A person should be asked before it is run; see {@link ToolboxOptions.confirm}. */
  readonly confirm?: true;
}

/** An image that a tool brought back. */
export interface ToolImage {
  /** What models take. */
  readonly mimeType: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
  /** Base64. */
  readonly data: string;
}

/** A tool's answer for a model. */
export interface ToolAnswer {
  /** What the model reads, within the budget: the data, or the error as JSON. */
  readonly text: string;
  /** The same as an object: data, `{ items, page }` of a list, `{ text }` of a text, or the error. */
  readonly structured: Readonly<Record<string, unknown>>;
  /** Images of the repository that were asked for, in their own form. */
  readonly images: readonly ToolImage[];
  readonly isError: boolean;
}

export interface ToolRunOptions {
  /** Cancels the call, down to the socket. */
  readonly signal?: AbortSignal;
  /** Told how far a tool of several calls is, in a few words. */
  readonly onProgress?: (message: string) => void;
}

/** The tools of one agent. */
export interface Toolbox {
  readonly definitions: readonly ToolboxDefinition[];
  /** Runs a tool for a model. Never throws: whatever goes wrong is an answer with `isError`. */
  readonly run: (name: string, input: unknown, options?: ToolRunOptions) => Promise<ToolAnswer>;
  /** Whether a person should be asked before this call; behind discovery, that of the tool that it calls. */
  readonly needsConfirmation: (name: string, input: unknown) => boolean;
}

/** A call of the model, before it is made. */
export interface ToolboxCall {
  readonly toolName: string;
  readonly access: Access;
  readonly connectionName?: string;
  readonly identifier: string;
  /** As the model sent it: nothing of it has been checked yet. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** What GitLab answered, before the model reads it. */
export interface ToolboxResult extends ToolboxCall {
  readonly result: ToolResult<unknown>;
}

/** Says no to a call: the model reads `refuse`, and nothing else of it. */
export interface Refuse {
  readonly refuse: string;
  /** What the model should do instead. */
  readonly hint?: string;
}

/** What the toolbox needs of the client from `createGitLab`. */
export interface ToolboxClient {
  /** Tools of one's own that it was made with: offered beside GitLab's. */
  readonly tools?: readonly OwnTool[];
  executeTool(
    call: CallOptions & {
      readonly connectionName?: string;
      readonly identifier: string;
      readonly toolName: string;
      readonly toolInput?: unknown;
    },
  ): Promise<ToolResult<unknown>>;
  readonly actions: {
    getAuthorizationLink(
      options: { readonly connectionName?: string; readonly identifier: string } & AuthorizationOptions,
    ): Promise<{ readonly link: string; readonly expiresAt: string }>;
  };
}

type AuthorizationOptions = Omit<AuthorizationLinkOptions, keyof AccountKey>;

type MaybePromise<Value> = Value | Promise<Value>;

/** Which calls a person is asked about first. */
export type Confirm = "destructive" | "writes" | "never";

/** What a definition can be changed in. */
type ShownAs = Partial<Pick<ToolboxDefinition, "title" | "description" | "inputSchema">>;

/** Whose agent it is, what it may use, and how it is answered. */
export interface ToolboxOptions extends Pick<ModelTextOptions, "maxResultTokens"> {
  /** The client, from `createGitLab`. */
  readonly gitlab: ToolboxClient;
  /** Default: `gitlab`. */
  readonly connectionName?: string;
  /** Whose account the calls are made with. It never comes from a model. */
  readonly identifier: string;
  /** Which tools the agent gets. Default: all. A tool outside of the selection is not run either. */
  readonly select?: Selection;
  /**
   * Which conversation it is, such as the id of a chat: what the agent was shown is remembered under it, in the client's
   * store. Give it where a toolbox is made anew for each turn or replica. Default: one of this toolbox's own.
   */
  readonly conversation?: string;
  /** Narrows what the agent's calls may do: projects, groups, access. The client's own policy holds as well. */
  readonly policy?: Policy;
  /** Default: `compact`. */
  readonly view?: CallOptions["view"];
  /** Every call's whole budget in milliseconds. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /**
   * What the link asks for that an agent gets to pass on while the account is not connected; `false` makes none.
   * Default: the connection's scopes.
   */
  readonly authorization?: false | AuthorizationOptions | undefined;
  /** Offers three tools that find, describe and call the selected ones, for a fraction of their tokens. Default: false. */
  readonly discovery?: boolean | undefined;
  /**
   * Which tools are marked with `confirm`, for loops that ask a person first. The toolbox itself asks nobody:
   * `onBeforeWrite` of the client does. Default: `destructive`.
   */
  readonly confirm?: Confirm;
  /** Definitions carry an `outputSchema`. Default: false, as most models do not read it. */
  readonly outputSchema?: boolean | undefined;
  /** The largest image of a repository that is handed on, in bytes; 0 hands on none. Default: 1 MiB. */
  readonly maxImageBytes?: number | undefined;
  /** Asked before each call; may replace its input, or refuse it. What it throws refuses the call, too. */
  readonly before?: (call: ToolboxCall) => MaybePromise<{ readonly input: unknown } | Refuse | undefined | void>;
  /** Sees each result before the model does; may replace its data, or refuse to hand it on. */
  readonly after?: (result: ToolboxResult) => MaybePromise<{ readonly data: unknown } | Refuse | undefined | void>;
  /** Changes how a tool is shown to the model: its title, description or input schema. The input it takes stays. */
  readonly schema?: ((definition: ToolboxDefinition) => ShownAs | undefined | void) | undefined;
}

/** What says how a definition is shown. */
export type Showing = Pick<ToolboxOptions, "confirm" | "outputSchema" | "policy" | "schema" | "view">;

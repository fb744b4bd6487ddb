import type { Client } from "openapi-fetch";
import type { paths } from "../../generated/openapi.js";
import type { PageInfo } from "../views/page-info.js";
import type { DryRunRequest } from "../http/wire.js";
import type { ToolDefinition } from "../definition/definition.js";
import type { RawRequest } from "./raw-request.js";
import type { Policy } from "../policy/policy.js";

/** Options of every call. */
export interface CallOptions {
  /** Cancels the call, down to the socket. */
  readonly signal?: AbortSignal | undefined;
  /** The call's whole budget in milliseconds, waiting and retries included. Default: the client's. */
  readonly timeoutMs?: number | undefined;
  /** `full` is GitLab's answer as it is; `compact` keeps the fields that a model needs. */
  readonly view?: "full" | "compact" | undefined;
  /**
   * Fields of the compact view, by path: `["+weight"]` beside the tool's own, `["title", "author.username"]` in their
   * place. Ids stay either way. Without `view`, asks for the compact one.
   */
  readonly fields?: readonly string[] | undefined;
  /**
   * Returns the HTTP request that would be sent, without the token, and sends nothing. A tool made of several calls
   * makes those that only read, to know what it would write; the other writes stand in `next`.
   */
  readonly dryRun?: boolean | undefined;
  /** Told, in a few words, how far a tool made of several calls is. */
  readonly onProgress?: ((message: string) => void) | undefined;
  /**
   * Which conversation of an agent the call belongs to, such as the id of a chat: what its answers showed is remembered
   * under it, in the client's store, for a week. In a conversation, a merge or an approval without `sha` is one of the
   * version that was shown last, and is refused where none was. Those of different accounts never meet.
   */
  readonly conversation?: string;
  /** What this call may do, beside the client's own policy: both hold. */
  readonly policy?: Policy;
}

/** Options with which an answer is shown in the compact view. */
export type CompactOptions = CallOptions & ({ view: "compact" } | { view?: "compact"; fields: readonly string[] });

/** Data in the compact view: fields as the view names and flattens them. */
export type Compact<Data> = Data extends readonly unknown[]
  ? Record<string, unknown>[]
  : Data extends object
    ? Record<string, unknown>
    : Data;

export type { DryRunRequest, PageInfo };

/** What a call brought back. */
export interface ToolResult<Data> {
  readonly data: Data;
  readonly page?: PageInfo;
  /** The HTTP status of GitLab's answer; 0 on a dry run. */
  readonly status: number;
  /** GitLab's `X-Request-Id`. */
  readonly requestId?: string;
  /** What GitLab ignored of the input, and what of the answer is missing: one sentence each. */
  readonly warnings?: readonly string[];
}

/** An account that calls can be made with. Getting one costs nothing; the first call looks it up. */
export interface GitLabAccount {
  readonly identifier: string;
  readonly connectionName: string;
  execute<Data>(definition: ToolDefinition, input: unknown, options?: CallOptions): Promise<ToolResult<Data>>;
  pages<Item>(definition: ToolDefinition, input: unknown, options?: CallOptions): AsyncGenerator<Item, void, undefined>;
  /**
   * Any request to the instance's REST API, with the account's token, and the client's policies, retries and errors.
   * To policies it is the tool `gitlab_request` of the area `request`; what may lead beyond an allow-list is refused.
   *
   * @throws {GitLabToolError} `invalid_input` for a path that is none, and whatever a tool's call throws
   * @example
   * ```ts
   * const { data } = await account.request({
   *   method: "GET",
   *   path: "/projects/{id}/wikis",
   *   pathParameters: { id: "group/project" },
   *   query: { with_content: true },
   * });
   * ```
   */
  request(request: RawRequest, options: CallOptions & { readonly dryRun: true }): Promise<ToolResult<DryRunRequest>>;
  request<Data = unknown>(
    request: RawRequest,
    options?: CallOptions & { readonly dryRun?: false | undefined },
  ): Promise<ToolResult<Data>>;
  request<Data = unknown>(request: RawRequest, options: CallOptions): Promise<ToolResult<Data | DryRunRequest>>;
  /** openapi-fetch's client, typed by GitLab's OpenAPI document, on {@link request}. Refusals are thrown. */
  readonly api: Client<paths>;
}

import type { AccountKey, Credentials } from "../accounts/types.js";
import type { BodyFormat } from "../http/body-format.js";
import type { Budget } from "../http/budget.js";
import type { CallIdentity, Observer } from "../http/observer.js";
import type { GitLabResponse, Progress, WireRequest } from "../http/wire.js";
import type { ToolDefinition } from "../definition/definition.js";
import type { HeaderReader } from "../http/transport.js";
import type { Policy } from "../policy/policy.js";
import type { ToolResult } from "./account.js";
import type { Runtime } from "./runtime.js";

/** A call made of several calls, to one of these. */
export interface OuterCall {
  readonly identity: CallIdentity;
  /** Of all its steps together. */
  readonly budget: Budget;
}

/** One call under way: made once, and passed on as it is. */
export interface ToolCallContext {
  readonly runtime: Runtime;
  readonly key: AccountKey;
  /** The account in one word. */
  readonly account: string;
  readonly definition: ToolDefinition;
  readonly identity: CallIdentity;
  /** The client's, the account's and the call's own: all of them hold. */
  readonly policies: readonly Policy[];
  /** Absent where nobody watches. */
  readonly observer?: Observer;
  readonly progress: Progress;
  readonly budget: Budget;
  /** The conversation of an agent that it belongs to. */
  readonly conversation?: string;
  /** The call that this one is a step of. */
  readonly outer?: OuterCall;
}

/** What a call came to: its result, and of GitLab's response what says where the next page is. */
export interface Executed {
  readonly result: ToolResult<unknown>;
  readonly headers: HeaderReader;
  readonly baseUrl: string;
}

/** Sends one request of a call, with its retries. */
export type SendOnce = (
  call: ToolCallContext,
  wire: WireRequest,
  format: BodyFormat,
  credentials: Credentials,
) => Promise<GitLabResponse>;

/** What the library asks on its own, for the sake of a call: what becomes of it says nothing about the call. */
export function lookupFor(call: ToolCallContext): ToolCallContext {
  return {
    ...call,
    identity: { ...call.identity, purpose: "lookup" },
    progress: { sent: false, uncertain: false },
  };
}

import type { DryRunRequest } from "../http/wire.js";
import { checkTool, forStep, isConfined } from "../policy/policy.js";
import type { CallOptions, ToolResult } from "../tools/account.js";
import type { OuterCall } from "../tools/call.js";
import type { ToolDefinition } from "../definition/definition.js";
import { execute, type CallOwner } from "../tools/execute.js";
import { lookUp } from "../tools/lookup.js";
import { pages } from "../tools/pages.js";
import type { ShownTo } from "../tools/shown-version.js";
import type { Runtime } from "../tools/runtime.js";
import type { ReadOptions, Steps, WriteOptions } from "./workflow.js";

/** What a workflow has done so far. */
export interface Journal {
  /** The writes that GitLab has carried out, by tool. */
  readonly done: string[];
  /** The requests that a dry run did not send. */
  readonly unsent: DryRunRequest[];
  readonly warnings: string[];
  /** The version of a merge request that the answer shows. */
  shows?: string;
  /** Of the last answer. */
  last: Pick<ToolResult<unknown>, "status" | "requestId">;
}

const onlyAllowed = "Only what lies in the projects and groups that this client may use.";

/** Ends the dry run of a tool that only reads: its first request is all that can be known without sending one. */
export class DryRunEnds extends Error {}

/** The agent's conversation that a call belongs to, where it belongs to one. */
export async function shownToOf(
  { accounts, memory }: Runtime,
  { key, account }: CallOwner,
  { conversation }: CallOptions,
): Promise<ShownTo | undefined> {
  if (conversation === undefined) return undefined;
  const { baseUrl } = accounts.cache.fresh(account) ?? (await accounts.connection(key.connectionName));
  return { memory, scope: { account, conversation }, baseUrl };
}

/** The steps of one call. */
export function stepsOf(
  runtime: Runtime,
  caller: CallOwner,
  { definition, outer, options }: { definition: ToolDefinition; outer: OuterCall; options: CallOptions },
  journal: Journal,
): Steps {
  const { budget } = outer;
  const { signal, onProgress, dryRun = false } = options;
  const policies = [...runtime.policies, ...(options.policy ? [options.policy] : [])].map(forStep);
  const inner: Runtime = { ...runtime, policies };
  const stepOptions: CallOptions = {
    ...(signal && { signal }),
    timeoutMs: options.timeoutMs ?? runtime.timeoutMs,
    ...(options.conversation !== undefined && { conversation: options.conversation }),
  };

  async function stepOf(name: string): Promise<ToolDefinition> {
    if (!definition.steps?.includes(name)) throw new Error(`${name} is no step of ${definition.name} in the manifest`);
    return await lookUp(name);
  }

  async function call(step: ToolDefinition, input: unknown, dry: boolean): Promise<unknown> {
    const { result } = await execute(
      inner,
      caller,
      step,
      input,
      { ...stepOptions, ...(dry && { dryRun: true }) },
      { outer },
    );
    if (dry) journal.unsent.push(result.data as DryRunRequest);
    else journal.last = result;
    return result.data;
  }

  /** @throws {DryRunEnds} where nothing is to be sent at all */
  async function read(name: string, input: unknown, { listed }: ReadOptions = {}): Promise<unknown> {
    if (listed && isConfined(policies) && !journal.warnings.includes(onlyAllowed)) journal.warnings.push(onlyAllowed);
    const step = listed ? { ...(await stepOf(name)), reach: "listed" as const } : await stepOf(name);
    if (step.access !== "read") throw new Error(`${name} changes something, and is no read`);
    const dry = dryRun && definition.access === "read";
    const data = await call(step, input, dry);
    if (dry) throw new DryRunEnds();
    return data;
  }

  const steps = {
    read,
    async *each(name: string, input: unknown) {
      if (dryRun && definition.access === "read") await read(name, input);
      yield* pages(inner, caller, await stepOf(name), input, stepOptions, outer);
    },
    async write(name: string, input: unknown, { reached }: WriteOptions = {}) {
      const step = reached ? { ...(await stepOf(name)), reach: "here" as const } : await stepOf(name);
      const data = await call(step, input, dryRun);
      if (dryRun) return undefined;
      if (step.access !== "read") journal.done.push(name);
      return data;
    },
    async demand(name: string) {
      checkTool(policies, await stepOf(name));
    },
    async seen(name: string, input: Readonly<Record<string, unknown>>) {
      const shownTo = await shownToOf(inner, caller, options);
      return (
        shownTo && (await (await import("../tools/shown-version.js")).seenVersion(shownTo, await stepOf(name), input))
      );
    },
    shows: (version: string) => void (journal.shows = version),
    progress: (message: string) => void onProgress?.(message),
    warn: (message: string) => void journal.warnings.push(message),
    sleep: (ms: number) => runtime.clock.sleep(ms, budget.signal),
    timeLeft: () => budget.deadline - performance.now(),
    now: runtime.clock.now,
  };
  // Which input a name has and what it brings back is the manifest's to say; here it is any tool's.
  return steps as Steps;
}

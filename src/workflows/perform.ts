import { setMaxListeners } from "node:events";
import { toToolError } from "../errors/failure.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { Budget } from "../http/budget.js";
import { checkTool } from "../policy/policy.js";
import type { CallOptions, ToolResult } from "../tools/account.js";
import { notePlace, noteResult } from "../tools/audit.js";
import type { ToolDefinition } from "../definition/definition.js";
import { observed, type CallOwner } from "../tools/execute.js";
import type { Runtime } from "../tools/runtime.js";
import { checkCallOptions } from "../tools/settings.js";
import { validate, withoutMasks } from "../tools/validate.js";
import { shower, type Shown } from "../tools/view.js";
import { DryRunEnds, shownToOf, stepsOf, type Journal } from "./steps.js";
import type { Workflow } from "./workflow.js";

/** Carries out a tool made of several calls. */
export async function performSteps(
  runtime: Runtime,
  caller: CallOwner,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions = {},
): Promise<ToolResult<unknown>> {
  return await observed(runtime, caller.key, definition, undefined, async ({ identity, note }) => {
    checkCallOptions(definition.name, options, runtime.own);
    if (note && options.dryRun) note.dryRun = true;
    const policies = options.policy ? [...runtime.policies, options.policy] : runtime.policies;
    checkTool(policies, definition);
    const values = withoutMasks(definition, validate(definition, input));
    if (note) notePlace(note, values);
    const show = shower(definition, options, policies);
    // What the generator writes there is `run` of the tool's file.
    const run = (await definition.run?.()) as Workflow<unknown, unknown>;
    const timeoutMs = options.timeoutMs ?? runtime.timeoutMs;
    const budget = new Budget(timeoutMs, options.signal);
    // Every step listens for the end of the whole, several at once.
    setMaxListeners(0, budget.signal);
    const journal: Journal = { done: [], unsent: [], warnings: [], last: { status: 0 } };
    try {
      const steps = stepsOf(runtime, caller, { definition, outer: { identity, budget }, options }, journal);
      const data = await run(steps, values);
      if (note) noteResult(note, journal.last);
      await noteShown(runtime, caller, definition, values, options, journal);
      return options.dryRun ? dryRun(journal) : present(show(data), journal);
    } catch (error) {
      if (error instanceof DryRunEnds) return dryRun(journal);
      const host = caller.key.connectionName;
      throw asWhole(
        isOurs(error) || options.signal?.aborted
          ? toToolError(error, {
              ...{ toolName: definition.name, idempotent: journal.done.length === 0, host, timeoutMs },
              ...{ signal: options.signal, sent: true, uncertain: journal.done.length > 0 },
            })
          : error,
        definition,
        journal,
      );
    } finally {
      budget.close();
    }
  });
}

/** Notes which version of a merge request the answer shows to the agent's conversation. */
async function noteShown(
  runtime: Runtime,
  caller: CallOwner,
  definition: ToolDefinition,
  values: Readonly<Record<string, unknown>>,
  options: CallOptions,
  { shows: version }: Journal,
): Promise<void> {
  const shownTo = version === undefined || options.dryRun ? undefined : await shownToOf(runtime, caller, options);
  if (version === undefined || !shownTo) return;
  await (
    await import("../tools/shown-version.js")
  ).noteVersion(shownTo, definition, values, { version, isSaid: false });
}

/** Of this library, or the end of the budget. Anything else is a fault of the workflow's own. */
const isOurs = (error: unknown): boolean =>
  error instanceof GitLabToolError ||
  (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError"));

function present({ data, warnings: own }: Shown, { last, warnings: before }: Journal): ToolResult<unknown> {
  const { status, requestId } = last;
  const warnings = [...before, ...own];
  return {
    data,
    status,
    ...(requestId !== undefined && { requestId }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** The first request that would be sent, and with it those after it. */
function dryRun({ unsent }: Journal): ToolResult<unknown> {
  const [first, ...next] = unsent;
  return { data: { ...first, ...(next.length > 0 && { next }) }, status: 0 };
}

/** A step's error as the whole tool's: which step it was, and what had been done by then. */
function asWhole(error: unknown, { name }: ToolDefinition, { done }: Journal): unknown {
  if (!(error instanceof GitLabToolError)) return error;
  const { code, message, hint, retryable, status, toolName, requestId, details, cause } = error;
  const step = toolName !== undefined && toolName !== name ? toolName : undefined;
  return new GitLabToolError({
    code,
    message: done.length > 0 ? `${message} By then, ${done.join(" and ")} had been carried out.` : message,
    ...(hint !== undefined && { hint }),
    retryable: retryable && done.length === 0,
    ...(status !== undefined && { status }),
    toolName: name,
    ...(requestId !== undefined && { requestId }),
    details: { ...details, ...(step !== undefined && { step }), ...(done.length > 0 && { done }) },
    cause,
  });
}

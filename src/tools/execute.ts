import { randomUUID } from "node:crypto";
import type { AccountKey } from "../accounts/types.js";
import { toToolError } from "../errors/failure.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { answerTooDeep } from "../errors/too-deep.js";
import { Budget, turn } from "../http/budget.js";
import { readPage } from "../http/head.js";
import type { PageInfo } from "../views/page-info.js";
import { callHook } from "../http/hooks.js";
import { observers, type CallIdentity, type Observer } from "../http/observer.js";
import type { HeaderReader } from "../http/transport.js";
import type { Progress, WireRequest } from "../http/wire.js";
import { callAccess } from "../policy/access.js";
import { forStep, guardsVisibility } from "../policy/policy.js";
import type { CallOptions, ToolResult } from "./account.js";
import { approve, dryRun, type Approved } from "./approve.js";
import { auditEntry, notePlace, noteResult, type AuditNote } from "./audit.js";
import type { Executed, OuterCall, ToolCallContext } from "./call.js";
import type { ToolDefinition } from "../definition/definition.js";
import type { Older } from "../definition/graphql-call.js";
import { prepare, type Prepared } from "./prepare.js";
import type { Runtime } from "./runtime.js";
import { sendAs, type SuccessfulResponse } from "./send-as.js";
import { checkCallOptions } from "./settings.js";
import { ignoredIds } from "./warnings.js";
import { witnessName } from "./witness-name.js";

const downloadTimeoutMs = 600_000;

/** Whose call it is. */
export type CallOwner = Pick<ToolCallContext, "key" | "account">;

const none: CallOptions = {};

/** What a call may be told beside its options. */
export interface Beside {
  /** The query of a later page, in place of the input's. */
  readonly nextQuery?: WireRequest["query"];
  /** The call that this one is a step of. */
  readonly outer?: OuterCall;
}

/** One call, start to end: prepared, approved, sent and presented under observation, within one budget. */
export async function execute(
  runtime: Runtime,
  caller: CallOwner,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions = none,
  { nextQuery, outer }: Beside = {},
): Promise<Executed> {
  return await observed(runtime, caller.key, definition, outer, async ({ identity, observer, note }) => {
    if (options !== none) checkCallOptions(definition.name, options, runtime.own);
    const timeoutMs = options.timeoutMs ?? (definition.answer === "binary" ? downloadTimeoutMs : runtime.timeoutMs);
    const budget = outer?.budget ?? new Budget(timeoutMs, options.signal);
    const call: ToolCallContext = {
      ...{ runtime, ...caller, definition, identity, observer, budget },
      policies: options.policy ? [...runtime.policies, options.policy] : runtime.policies,
      progress: { sent: false, uncertain: false },
      ...(options.conversation !== undefined && { conversation: options.conversation }),
      ...(outer && { outer }),
    };
    if (note) note.access = callAccess(definition, input);
    if (note && options.dryRun) note.dryRun = true;
    let prepared: Prepared | undefined;
    try {
      prepared = await prepare(call, input, options, nextQuery);
      if (note) notePlace(note, prepared.values, prepared.wire);
      const older = definition.graphql?.older;
      const executed = older ? await byAge(call, prepared, options, older) : await carriedOut(call, prepared, options);
      if (note) noteResult(note, executed.result);
      return executed;
    } catch (error) {
      throw toToolError(error, {
        toolName: definition.name,
        idempotent: prepared?.wire.idempotent ?? definition.idempotent,
        host: prepared ? new URL(prepared.baseUrl).host : caller.key.connectionName,
        signal: options.signal,
        timeoutMs,
        ...progressOf(call),
      });
    } finally {
      if (!outer) budget.close();
    }
  });
}

/** A call by the tool's own request. */
async function carriedOut(call: ToolCallContext, prepared: Prepared, options: CallOptions): Promise<Executed> {
  const { definition, conversation, outer } = call;
  if (options.dryRun) return await dryRun(call, prepared);
  const approved = await approve(call, prepared, options.signal);
  const sent = await sendApproved(call, prepared, approved);
  const response = call.policies.length === 0 ? sent : await policed(call, prepared, approved, sent);
  const executed = present(call, prepared, response);
  if (definition.shows !== undefined && conversation !== undefined && !outer) {
    const { noteShown } = await import("./shown-version.js");
    await noteShown(call, prepared.values, approved.credentials, response.data, executed.result.data);
  }
  return executed;
}

/** A call by the tool's own request, or as older instances are asked. */
async function byAge(call: ToolCallContext, prepared: Prepared, options: CallOptions, older: Older): Promise<Executed> {
  const { runtime, key, account, identity, budget, policies } = call;
  const inner: Runtime = { ...runtime, policies: policies.map(forStep) };
  return await (
    await import("./graphql/older.js")
  ).byAge(call, prepared, options, older, {
    newer: async () => await carriedOut(call, prepared, options),
    step: async (tool, input, stepOptions) =>
      await execute(inner, { key, account }, tool, input, stepOptions, { outer: { identity, budget } }),
  });
}

/** How far a call came. GraphQL answers 200 whether or not it did what it was asked: an answer that got lost says nothing. */
function progressOf({ definition, progress }: ToolCallContext): Progress {
  if (!definition.graphql || progress.status !== 200) return progress;
  const { status: _, ...rest } = progress;
  return { ...rest, uncertain: true };
}

/** GitLab's response to a call, and what there is to say about it. */
interface CallResponse {
  readonly status: number;
  readonly headers: HeaderReader;
  readonly data: unknown;
  readonly warnings: readonly string[];
  /** Where the page stands, where the body itself says so. */
  readonly page?: PageInfo;
}

async function sendApproved(call: ToolCallContext, prepared: Prepared, approved: Approved): Promise<CallResponse> {
  const { definition } = call;
  const { format, values } = prepared;
  const { wire, credentials } = approved;
  const { witness, graphql, lost, content } = definition;
  if (witness && values[witnessName(witness)] !== undefined)
    await (await import("./witness.js")).checkWitness(call, witness, values, wire, credentials);
  if (lost?.check !== undefined) call.progress.check = lost.check;
  const { response, warnings } = lost?.match
    ? await (await import("./lost/send-create.js")).sendCreate(call, wire, format, credentials)
    : { response: await sendSeen(call, prepared, approved), warnings: [] };
  if (graphql) {
    const { readGraphQL } = await import("./graphql/answer.js");
    const read = readGraphQL(call, graphql, response, approved);
    return { ...response, ...read, warnings: [...warnings, ...read.warnings] };
  }
  if (definition.answer === "file") {
    const { decodedFile } = await import("./decoded-file.js");
    return { ...response, warnings, data: decodedFile(response.data, values["start_line"]) };
  }
  if (content === undefined) return { ...response, warnings };
  return { ...response, ...(await (await import("./content.js")).withContent(call, wire, credentials, response.data)) };
}

/** Sends; where GitLab refuses the version that a conversation was shown, the error says what has come since. */
async function sendSeen(
  call: ToolCallContext,
  { format, values }: Prepared,
  { wire, credentials }: Approved,
): Promise<SuccessfulResponse> {
  const { definition, conversation } = call;
  try {
    return await sendAs(call, definition, wire, format, credentials);
  } catch (error) {
    if (definition.seen === undefined || conversation === undefined) throw error;
    throw await (await import("./shown-version.js")).outdated(call, values, wire, credentials, error);
  }
}

/** What policies let through of a response; what it shows is remembered first. */
async function policed(
  call: ToolCallContext,
  prepared: Prepared,
  { credentials }: Approved,
  answered: CallResponse,
): Promise<CallResponse> {
  const { policies, definition } = call;
  let response = answered;
  const leavesOut = policies.some(({ untrusted }) => typeof untrusted === "object");
  try {
    if (definition.reach === "listed") {
      const { heldItems } = await import("./allow-list.js");
      response = { ...response, data: await heldItems(call, credentials, response.data) };
    }
    if (definition.reach === "includes")
      await (await import("./allow-list.js")).holdIncludes(call, credentials, response.data);
    if (guardsVisibility(policies))
      await (await import("./visibility-guard.js")).noteAnswer(call, prepared, credentials, response.data);
    if (!leavesOut) return response;
    const { withoutStrangers } = await import("./strangers.js");
    return { ...response, data: await withoutStrangers(call, prepared, credentials, response.data) };
  } catch (error) {
    throw error instanceof RangeError ? answerTooDeep(response.status) : error;
  }
}

/** What the caller gets of a response. */
function present(
  { definition, progress }: ToolCallContext,
  { show, values, baseUrl }: Prepared,
  { status, headers, data, page, ...response }: CallResponse,
): Executed {
  try {
    const { requestId } = progress;
    const ignored = definition.access === "read" ? [] : ignoredIds(definition, values, data);
    const shown = show(data);
    const warnings = [...response.warnings, ...ignored, ...shown.warnings];
    const result: ToolResult<unknown> = {
      data: shown.data,
      ...(definition.list && { page: page ?? readPage(headers) }),
      status,
      ...(requestId !== undefined && { requestId }),
      ...(warnings.length > 0 && { warnings }),
    };
    return { result, headers, baseUrl };
  } catch (error) {
    // Whatever walks the data ends here where it is nested without end.
    throw error instanceof RangeError ? answerTooDeep(status) : error;
  }
}

/** Who a call is, to those who watch it. */
export interface Observed {
  readonly identity: CallIdentity;
  readonly observer: Observer | undefined;
  /** Absent where no audit trail is kept. */
  readonly note?: AuditNote;
}

/** Does a call's work under observation: hooks, and a span of its own. Callers hear of nothing but our own errors. */
export async function observed<Result>(
  runtime: Runtime,
  { connectionName, identifier }: AccountKey,
  definition: ToolDefinition,
  outer: OuterCall | undefined,
  work: (about: Observed) => Promise<Result>,
): Promise<Result> {
  const began = performance.now();
  await turn();
  const { name: toolName } = definition;
  const { audit } = runtime;
  const note: AuditNote | undefined = audit && {};
  const at = audit ? runtime.clock.now() : 0;
  const record = (error?: GitLabToolError): void => {
    if (!audit || !note || note.dryRun) return;
    audit(
      auditEntry(identity, definition, note, { at, durationMs: performance.now() - began, ...(error && { error }) }),
    );
  };
  const partOf = outer && { partOf: { callId: outer.identity.callId, toolName: outer.identity.toolName } };
  const identity: CallIdentity = {
    ...{ callId: randomUUID(), toolName, connectionName, identifier, purpose: "call" },
    ...partOf,
  };
  const span = runtime.telemetry && (await runtime.telemetry())?.begin(identity);
  try {
    const watching = [runtime.observer, span].filter((one) => one !== undefined);
    const observer = watching.length > 1 ? observers(watching) : watching[0];
    const result = await work({ identity, observer, ...(note && { note }) });
    span?.end();
    record();
    return result;
  } catch (thrown) {
    const error = thrown instanceof GitLabToolError ? thrown : internalError(toolName, thrown);
    callHook("onError", runtime.hooks.onError, { ...identity, error, durationMs: performance.now() - began });
    span?.end(error);
    record(error);
    throw error;
  }
}

function internalError(toolName: string, cause: unknown): GitLabToolError {
  return new GitLabToolError({ code: "internal", message: "The call failed inside this library.", toolName, cause });
}

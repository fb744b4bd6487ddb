import { randomUUID } from "node:crypto";
import type { AccountKey } from "../accounts/types.js";
import type { Credentials } from "../accounts/types.js";
import { explainFailure } from "../errors/failure.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { answerTooDeep } from "../errors/too-deep.js";
import { insufficientScope } from "../errors/rules/token.js";
import { Budget, turn, unlessAborted } from "../http/budget.js";
import { preview } from "../http/build-request.js";
import { readPage, type PageInfo } from "../http/head.js";
import { tell } from "../http/hooks.js";
import { observers, type CallIdentity, type Observer } from "../http/observer.js";
import type { HeaderReader } from "../http/transport.js";
import type { WireRequest } from "../http/wire.js";
import type { CallOptions, ToolResult } from "./account.js";
import { confine } from "./allow-list.js";
import { readAnswer } from "./answer.js";
import { auditEntry, notePlace, noteResult, type AuditNote } from "./audit.js";
import type { OuterCall, ToolCallContext } from "./call.js";
import { withContent } from "./content.js";
import type { ToolDefinition } from "./definition.js";
import type { Build } from "./graphql/text.js";
import { readTitle, withPresentTitle } from "./draft-title.js";
import { callAccess } from "../policy/access.js";
import { approve, isConfined, refusedByPolicy } from "../policy/policy.js";
import { prepare, type Prepared } from "./prepare.js";
import type { Runtime } from "./runtime.js";
import { sendAs } from "./send-as.js";
import { checkCallOptions } from "./settings.js";
import { ignoredIds } from "./warnings.js";
import { witnessName } from "./witness-name.js";

/** A response of GitLab beside the result made of it: its headers say where the next page is. */
export interface Answered<Data> {
  readonly result: ToolResult<Data>;
  readonly headers: HeaderReader;
  readonly baseUrl: string;
}

const downloadTimeoutMs = 600_000;

/** Whose call it is. */
export type Caller = Pick<ToolCallContext, "key" | "account">;

const none: CallOptions = {};

/** What a call may be told beside its options. */
export interface Beside {
  /** The query of a later page, in place of the input's. */
  readonly nextQuery?: WireRequest["query"];
  /** The call that this one is a step of. */
  readonly outer?: OuterCall;
}

/** One call, start to end, under observation. */
export async function execute(
  runtime: Runtime,
  caller: Caller,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions = none,
  beside: Beside = {},
): Promise<Answered<unknown>> {
  return await observed(runtime, caller.key, definition, beside.outer, async (about) => {
    if (options !== none) checkCallOptions(definition.name, options);
    return await carryOut(runtime, caller, definition, input, options, { ...about, ...beside });
  });
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
    const error = thrown instanceof GitLabToolError ? thrown : unforeseen(toolName, thrown);
    tell("onError", runtime.hooks.onError, { ...identity, error, durationMs: performance.now() - began });
    span?.end(error);
    record(error);
    throw error;
  }
}

function unforeseen(toolName: string, cause: unknown): GitLabToolError {
  return new GitLabToolError({ code: "internal", message: "The call failed inside this library.", toolName, cause });
}

/** Prepares, asks for approval, sends and presents, all within one budget that begins now. */
async function carryOut(
  runtime: Runtime,
  caller: Caller,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions,
  about: Observed & Beside,
): Promise<Answered<unknown>> {
  const timeoutMs = options.timeoutMs ?? (definition.answer === "binary" ? downloadTimeoutMs : runtime.timeoutMs);
  const { outer } = about;
  const budget = outer?.budget ?? new Budget(timeoutMs, options.signal);
  const call: ToolCallContext = {
    runtime,
    ...caller,
    definition,
    identity: about.identity,
    policies: options.policy ? [...runtime.policies, options.policy] : runtime.policies,
    observer: about.observer,
    progress: { sent: false, uncertain: false },
    budget,
    ...(options.conversation !== undefined && { conversation: options.conversation }),
    ...(outer && { outer }),
  };
  const { note } = about;
  if (note) note.access = callAccess(definition, input);
  if (note && options.dryRun) note.dryRun = true;
  let prepared: Prepared | undefined;
  try {
    prepared = await prepare(call, input, options, about.nextQuery);
    if (note) notePlace(note, prepared.values, prepared.wire);
    if (options.dryRun) return await dryRun(call, prepared);
    const { wire, credentials, build } = await settle(call, prepared, options.signal);
    const { targeted, values } = prepared;
    const { witness } = definition;
    if (witness && values[witnessName(witness)] !== undefined)
      await (await import("./witness.js")).checkWitness(call, witness, values, wire, credentials);
    const send = (within: Budget): Promise<ReadResponse> =>
      sendAs({ ...call, budget: within }, definition, wire, credentials, async (response) => {
        const { status, headers } = response;
        return { status, headers, data: await readAnswer(definition, targeted, response, runtime.maxResponseBytes) };
      });
    const { answer, warnings } = definition.lost
      ? await (await import("./lost-create.js")).sendCreate(call, wire, credentials, send, foundAgain)
      : { answer: await sendSeen(call, values, wire, credentials, () => send(budget)), warnings: [] };
    const whole = await readWhole(call, wire, credentials, answer, build);
    try {
      const answered = present(call, prepared, { ...answer, ...whole, warnings: [...warnings, ...whole.warnings] });
      if (definition.shows !== undefined && call.conversation !== undefined && !outer)
        await (
          await import("./shown-version.js")
        ).noteShown(call, values, credentials, whole.data, answered.result.data);
      if (note) noteResult(note, answered.result);
      return answered;
    } catch (error) {
      // Whatever walks the data ends here where it is nested without end.
      throw error instanceof RangeError ? answerTooDeep(answer.status) : error;
    }
  } catch (error) {
    throw explainFailure(error, {
      toolName: definition.name,
      idempotent: prepared?.wire.idempotent ?? definition.idempotent,
      host: prepared ? new URL(prepared.baseUrl).host : caller.key.connectionName,
      signal: options.signal,
      timeoutMs,
      ...call.progress,
    });
  } finally {
    if (!outer) budget.close();
  }
}

/** Sends; where what was seen in a conversation is what GitLab refuses, the error says what has come since. */
async function sendSeen<Result>(
  call: ToolCallContext,
  values: Prepared["values"],
  wire: WireRequest,
  credentials: Credentials,
  send: () => Promise<Result>,
): Promise<Result> {
  if (call.definition.seen === undefined || call.conversation === undefined) return await send();
  try {
    return await send();
  } catch (error) {
    throw await (await import("./shown-version.js")).outdated(call, values, wire, credentials, error);
  }
}

/** GitLab's answer, read. */
interface ReadResponse {
  readonly status: number;
  readonly headers: HeaderReader;
  readonly data: unknown;
}

/** A thing that was found, in the place of the answer to its creation. */
const foundAgain = (data: unknown): ReadResponse => ({ status: 201, headers: new Headers(), data });

/** The answer's data, with what belongs to them and is not in the answer itself. */
async function readWhole(
  call: ToolCallContext,
  wire: WireRequest,
  credentials: Credentials,
  { data, status }: { readonly data: unknown; readonly status: number },
  build: Build = {},
): Promise<Whole> {
  const { definition, progress } = call;
  const { graphql, content, name: toolName, access, tier } = definition;
  if (graphql) {
    const { readGraphQL } = await import("./graphql/answer.js");
    const finder = Object.values(definition.parameters).findLast((place) => place.finder !== undefined)?.finder;
    const refused = {
      toolName,
      status,
      build,
      ...(finder !== undefined && { finder }),
      isRead: access === "read",
      secrets: [credentials.token],
    };
    const { requestId } = progress;
    return readGraphQL(definition, graphql, data, {
      ...refused,
      ...(requestId !== undefined && { requestId }),
      ...(tier && { tier }),
    });
  }
  return content === undefined ? { data, warnings: [] } : await withContent(call, wire, credentials, data);
}

/** What an answer comes to. */
interface Whole {
  readonly data: unknown;
  readonly warnings: readonly string[];
  /** Where the page stands, where the answer itself says so. */
  readonly page?: PageInfo;
}

/** The request as it would be sent. Only what references and names stand for is asked of GitLab. */
async function dryRun(call: ToolCallContext, prepared: Prepared): Promise<Answered<unknown>> {
  const { values, baseUrl } = prepared;
  const asks = isConfined(call.policies) || call.definition.graphql !== undefined;
  const { wire } = asks ? await addressed(call, prepared, await credentialsOf(call)) : prepared;
  const present = await withPresentTitle(call.definition, values, wire, () => Promise.resolve("(the present title)"));
  const data = preview(present, baseUrl);
  return { result: { data, status: 0 }, headers: new Headers(), baseUrl };
}

/** The request with what its references and names stand for, held to the allow-list. */
async function addressed(
  call: ToolCallContext,
  { wire, values, names }: Prepared,
  credentials: Credentials,
): Promise<{ readonly wire: WireRequest; readonly build?: Build }> {
  const { graphql } = call.definition;
  if (graphql && names) {
    const { textCall } = await import("./graphql/wire.js");
    return await textCall(call, graphql, values, names, wire.idempotent, credentials);
  }
  return { wire: call.policies.length === 0 ? wire : await confine(call, wire, credentials) };
}

/** Checks with the account at hand, and asks for approval of a change. */
async function settle(
  call: ToolCallContext,
  prepared: Prepared,
  signal: AbortSignal | undefined,
): Promise<{ wire: WireRequest; credentials: Credentials; build?: Build }> {
  const { runtime, key, definition, budget } = call;
  const { name: toolName } = definition;
  const credentials = await credentialsOf(call);
  checkScopes(definition, credentials);
  const { wire: held, ...known } = await addressed(call, prepared, credentials);
  if (definition.access === "read") return { wire: held, credentials, ...known };
  const wire = await withPresentTitle(definition, prepared.values, held, () => readTitle(call, held, credentials));
  const { onBeforeWrite } = runtime;
  if (!onBeforeWrite) return { wire, credentials, ...known };
  const request = preview(wire, credentials.baseUrl);
  const access = callAccess(definition, prepared.values) === "destructive" ? "destructive" : "write";
  const partOf = call.outer && { partOf: call.outer.identity.toolName };
  await budget.pausedFor(() => approve(onBeforeWrite, { ...key, toolName, access, request, ...partOf }, signal));
  const present = await credentialsOf(call);
  if (present.baseUrl === credentials.baseUrl) return { wire, credentials: present, ...known };
  throw refusedByPolicy(
    toolName,
    "onBeforeWrite",
    `the change was approved for ${credentials.baseUrl}, and the connection has since moved to ${present.baseUrl}`,
  );
}

/** The account's token and where it belongs, within the call's budget even where the store does not answer. */
async function credentialsOf({ runtime, key, account, budget, progress }: ToolCallContext): Promise<Credentials> {
  const { signal } = budget;
  const known = runtime.accounts.warm(account);
  const credentials = known ?? (await unlessAborted(runtime.accounts.credentials(key, { signal }), signal));
  progress.ready = true;
  return credentials;
}

/** What the caller gets of a response. */
function present(
  { definition, progress }: ToolCallContext,
  { show, values, baseUrl }: Prepared,
  answer: Whole & { readonly status: number; readonly headers: HeaderReader },
): Answered<unknown> {
  const { status, headers, data, page } = answer;
  const { requestId } = progress;
  const ignored = definition.access === "read" ? [] : ignoredIds(definition, values, data);
  const shown = show(data);
  const warnings = [...answer.warnings, ...ignored, ...shown.warnings];
  const result: ToolResult<unknown> = {
    data: shown.data,
    ...(definition.list && { page: page ?? readPage(headers) }),
    status,
    ...(requestId !== undefined && { requestId }),
    ...(warnings.length > 0 && { warnings }),
  };
  return { result, headers, baseUrl };
}

/** A call whose scopes cannot suffice is not sent. */
function checkScopes(definition: ToolDefinition, { scopes, connectedWith }: Credentials): void {
  if (scopes.length === 0 || definition.scopes.some((scope) => scopes.includes(scope))) return;
  throw new GitLabToolError({
    ...insufficientScope(definition.scopes, scopes, connectedWith),
    toolName: definition.name,
  });
}

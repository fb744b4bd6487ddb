import { randomUUID } from "node:crypto";
import type { AccountKey, Credentials } from "../accounts/types.js";
import { requestIdOf } from "../errors/classify.js";
import { explainFailure } from "../errors/failure.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { insufficientScope } from "../errors/rules/token.js";
import { preview } from "../http/client.js";
import { hookObserver, tell } from "../http/hooks.js";
import { observers, type CallIdentity, type Observer } from "../http/observer.js";
import { readPage } from "../http/page.js";
import type { Progress, WireRequest } from "../http/wire.js";
import { newNonce, wrapWritten } from "../views/untrusted.js";
import type { CallOptions, ToolResult } from "./account.js";
import { confine } from "./allow-list.js";
import { readAnswer } from "./answer.js";
import { Budget } from "./budget.js";
import { checkCallOptions } from "./call-options.js";
import type { ToolDefinition } from "./definition.js";
import { withContent } from "./content.js";
import { resolveTarget } from "./download.js";
import { readTitle, withMarkedTitle, withPresentTitle } from "./draft-title.js";
import { approve, checkTool, isConfined, quickActionPolicy, type Policy } from "../policy/policy.js";
import { applyQuickActionPolicy, hasQuickActions } from "../policy/quick-actions.js";
import { toWire } from "./request.js";
import type { Runtime, ToolCallContext } from "./runtime.js";
import { sendAs } from "./send-as.js";
import { invalid, validate } from "./validate.js";
import { viewer } from "./view.js";
import { ignoredIds } from "./warnings.js";

/** An answer of GitLab beside the result made of it: its headers say where the next page is. */
export interface Answered<Data> {
  readonly result: ToolResult<Data>;
  readonly headers: Headers;
}

type Values = Readonly<Record<string, unknown>>;

const downloadTimeoutMs = 600_000;

/** One call, start to end, under observation. */
export async function execute(
  runtime: Runtime,
  key: AccountKey,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions = {},
  nextQuery?: WireRequest["query"],
): Promise<Answered<unknown>> {
  const began = performance.now();
  const { connectionName, identifier } = key;
  const toolName = definition.name;
  const identity: CallIdentity = { callId: randomUUID(), toolName, connectionName, identifier, purpose: "call" };
  const span = (await runtime.telemetry())?.begin(identity);
  const hooks = hookObserver(runtime.hooks);
  try {
    checkCallOptions(toolName, options);
    const observer = span ? observers([hooks, span]) : hooks;
    const answered = await carryOut(runtime, key, definition, input, options, { identity, observer, nextQuery });
    span?.end();
    return answered;
  } catch (thrown) {
    const error = thrown instanceof GitLabToolError ? thrown : unforeseen(toolName, thrown);
    tell("onError", runtime.hooks.onError, { ...identity, error, durationMs: performance.now() - began });
    span?.end(error);
    throw error;
  }
}

/** Callers hear of nothing but our own errors. */
function unforeseen(toolName: string, cause: unknown): GitLabToolError {
  return new GitLabToolError({ code: "internal", message: "The call failed inside this library.", toolName, cause });
}

/** Validates, checks policies, finds the account, sends, and shapes or explains the answer. */
async function carryOut(
  runtime: Runtime,
  key: AccountKey,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions,
  {
    identity,
    observer,
    nextQuery,
  }: { identity: CallIdentity; observer: Observer; nextQuery: WireRequest["query"] | undefined },
): Promise<Answered<unknown>> {
  const policies = options.policy ? [...runtime.policies, options.policy] : runtime.policies;
  checkTool(policies, definition);
  const given = withMarkedTitle(definition, validate(definition, input));
  const values = withPolicedTexts(definition, given, policies);
  const view = viewer(definition, options);
  const wraps = policies.some(({ untrusted }) => untrusted === "wrap");
  const instance = await runtime.accounts.connection(key.connectionName);
  // What quick actions do may count twice, however harmlessly the rest repeats.
  const idempotent = definition.idempotent && !hasQuickActions(definition, values);
  const first = { ...toWire(definition, values, instance.baseUrl), idempotent };
  const wire = nextQuery ? { ...first, query: nextQuery } : first;
  if (options.dryRun) {
    const marked = await withPresentTitle(definition, values, wire, () => Promise.resolve("(the present title)"));
    return { result: { data: await preview(marked, instance.baseUrl), status: 0 }, headers: new Headers() };
  }
  const settled = await withTarget(definition, values, policies);
  const timeoutMs = options.timeoutMs ?? (definition.answer === "binary" ? downloadTimeoutMs : runtime.timeoutMs);
  let budget = new Budget(timeoutMs, options.signal);
  const progress: Progress = { sent: false, uncertain: false };
  let requestId: string | undefined;
  const context = (): ToolCallContext => {
    const { signal, deadline } = budget;
    return { runtime, key, definition, identity, policies, observer, progress, signal, deadline };
  };
  try {
    budget.signal.throwIfAborted();
    let credentials = await runtime.accounts.credentials(key, { signal: budget.signal });
    checkScopes(definition, credentials);
    const held = await confine(context(), wire, credentials);
    const request = await withPresentTitle(definition, values, held, () => readTitle(context(), held, credentials));
    const { onBeforeWrite } = runtime;
    const { access } = definition;
    if (onBeforeWrite && access !== "read") {
      const pending = {
        ...key,
        toolName: definition.name,
        access,
        request: await preview(request, credentials.baseUrl),
      };
      budget = await budget.around(() => approve(onBeforeWrite, pending, options.signal));
      credentials = await runtime.accounts.credentials(key, { signal: budget.signal });
    }
    const answer = await sendAs(context(), { ...definition, idempotent }, request, credentials, async (response) => {
      requestId = requestIdOf(response.headers, [credentials.token]);
      const { status, headers } = response;
      return { body: await readAnswer(definition, settled, response, runtime.maxResponseBytes), status, headers };
    });
    const { data, warnings } = await withContent(context(), request, credentials, answer.body);
    const all = [...warnings, ...ignoredIds(definition, values, data)];
    const result: ToolResult<unknown> = {
      data: wraps ? viewWrapped(view, data) : view(data),
      ...(definition.list && { page: readPage(answer.headers) }),
      status: answer.status,
      ...(requestId !== undefined && { requestId }),
      ...(all.length > 0 && { warnings: all }),
    };
    return { result, headers: answer.headers };
  } catch (error) {
    throw explainFailure(error, {
      toolName: definition.name,
      idempotent,
      host: new URL(instance.baseUrl).host,
      signal: options.signal,
      timeoutMs,
      ...progress,
      ...(requestId !== undefined && { requestId }),
    });
  }
}

/** The view with what people wrote marked: by GitLab's names of fields, which the view changes; a log, when it is clean. */
function viewWrapped(view: (data: unknown) => unknown, data: unknown): unknown {
  const nonce = newNonce();
  return typeof data === "string" ? wrapWritten(view(data), nonce) : view(wrapWritten(data, nonce));
}

/** @throws {GitLabToolError} `invalid_input` where a policy refuses a quick action */
function withPolicedTexts(definition: ToolDefinition, given: Values, policies: readonly Policy[]): Values {
  const { values, problems } = applyQuickActionPolicy(
    definition,
    given,
    quickActionPolicy(policies),
    isConfined(policies),
  );
  if (problems.length > 0) throw invalid(definition, problems);
  return values;
}

/** @throws {GitLabToolError} `invalid_input` where nothing can or may be written to `save_to` */
async function withTarget(definition: ToolDefinition, values: Values, policies: readonly Policy[]): Promise<Values> {
  const target = values["save_to"];
  if (definition.answer !== "binary" || typeof target !== "string") return values;
  const settled = await resolveTarget(
    target,
    policies.map(({ downloads }) => downloads),
  );
  if ("problem" in settled) throw invalid(definition, [{ field: "save_to", message: settled.problem }]);
  return { ...values, save_to: settled.path };
}

/** A call whose scopes cannot suffice is not sent. */
function checkScopes(definition: ToolDefinition, { scopes, connectedWith }: Credentials): void {
  if (scopes.length === 0 || definition.scopes.some((scope) => scopes.includes(scope))) return;
  throw new GitLabToolError({
    ...insufficientScope(definition.scopes, scopes, connectedWith),
    toolName: definition.name,
  });
}

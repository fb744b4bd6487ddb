import type { Accounts } from "../accounts/accounts.js";
import type { AccountKey, Credentials } from "../accounts/types.js";
import { classify, insufficientScope, requestIdOf } from "../errors/answer.js";
import { parseErrorBody } from "../errors/body.js";
import { explainFailure } from "../errors/failure.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { preview, send } from "../http/client.js";
import { readPage } from "../http/page.js";
import type { WireRequest } from "../http/wire.js";
import type { CallOptions, ToolResult } from "./account.js";
import { readAnswer, readErrorBody } from "./answer.js";
import type { ToolDefinition } from "./definition.js";
import { checkTarget } from "./download.js";
import { toWire } from "./request.js";
import { invalid, validate } from "./validate.js";
import { viewer } from "./view.js";

/** What every call of one client shares. */
export interface Runtime {
  readonly accounts: Accounts;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly fetch?: typeof globalThis.fetch;
}

/** An answer of GitLab beside the result made of it: its headers say where the next page is. */
export interface Answered<Data> {
  readonly result: ToolResult<Data>;
  readonly headers: Headers;
}

type Values = Readonly<Record<string, unknown>>;

const downloadTimeoutMs = 600_000;

/** One call, start to end: validate, find the account, send, and shape or explain the answer. */
export async function execute(
  runtime: Runtime,
  key: AccountKey,
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions = {},
  nextQuery?: WireRequest["query"],
): Promise<Answered<unknown>> {
  const values = validate(definition, input);
  const view = viewer(definition, options);
  const instance = await runtime.accounts.connection(key.connectionName);
  const wire = toWire(definition, values, instance.baseUrl);
  const request = nextQuery ? { ...wire, query: nextQuery } : wire;
  if (options.dryRun) {
    return { result: { data: await preview(request, instance.baseUrl), status: 0 }, headers: new Headers() };
  }
  await checkSaveTo(definition, values);
  const timeoutMs = options.timeoutMs ?? (definition.answer === "binary" ? downloadTimeoutMs : runtime.timeoutMs);
  const budget = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, budget]) : budget;
  try {
    signal.throwIfAborted();
    const credentials = await runtime.accounts.credentials(key, { signal });
    checkScopes(definition, credentials);
    const deadline = performance.now() + timeoutMs;
    const response = await sendAs(runtime, key, definition, request, credentials, { signal, deadline });
    const data = await readAnswer(definition, values, response, runtime.maxResponseBytes);
    const requestId = requestIdOf(response.headers);
    const result: ToolResult<unknown> = {
      data: view(data),
      ...(definition.list && { page: readPage(response.headers) }),
      status: response.status,
      ...(requestId !== undefined && { requestId }),
    };
    return { result, headers: response.headers };
  } catch (error) {
    throw explainFailure(error, {
      toolName: definition.name,
      safeToRepeat: definition.idempotent,
      host: new URL(instance.baseUrl).host,
      signal: options.signal,
      timeoutMs,
    });
  }
}

async function checkSaveTo(definition: ToolDefinition, values: Values): Promise<void> {
  const target = values["save_to"];
  if (definition.answer !== "binary" || typeof target !== "string") return;
  const problem = await checkTarget(target);
  if (problem) throw invalid(definition, [{ field: "save_to", message: problem }]);
}

/** A call whose scopes cannot suffice is not sent. */
function checkScopes(definition: ToolDefinition, { scopes }: Credentials): void {
  if (scopes.length === 0 || definition.scopes.some((scope) => scopes.includes(scope))) return;
  throw new GitLabToolError({ ...insufficientScope(definition.scopes, scopes), toolName: definition.name });
}

/** Sends with the account's token; once more with a newer one where GitLab says that this one has ended. */
async function sendAs(
  runtime: Runtime,
  key: AccountKey,
  definition: ToolDefinition,
  request: WireRequest,
  first: Credentials,
  limits: { signal: AbortSignal; deadline: number },
): Promise<Response> {
  let credentials = first;
  for (let renewed = false; ; renewed = true) {
    const { baseUrl, token } = credentials;
    const response = await send(request, { baseUrl, token, ...limits, ...(runtime.fetch && { fetch: runtime.fetch }) });
    if (response.ok || response.status === 304) return response;
    const body = await readErrorBody(response);
    const reason = rejection(response.status, body);
    if (reason && !renewed) {
      credentials = await runtime.accounts.credentials(key, { signal: limits.signal, rejected: { token, reason } });
      if (credentials.token !== token) continue;
    }
    throw classify({
      toolName: definition.name,
      method: definition.method,
      ...(definition.tier && { tier: definition.tier }),
      ...(definition.verification && { verification: true }),
      ...(definition.role !== undefined && { role: definition.role }),
      ...iidOf(definition),
      scopes: definition.scopes,
      grantedScopes: credentials.scopes,
      instance: credentials.instance,
      status: response.status,
      headers: response.headers,
      body,
    });
  }
}

function iidOf(definition: ToolDefinition): { iidParameter?: string } {
  const found = Object.entries(definition.parameters).find(([, place]) => place.iid !== undefined);
  return found ? { iidParameter: found[0] } : {};
}

/** Why GitLab refused a token, where it did (RFC 6750, section 3.1). A plain 401 also means "not allowed" on a merge. */
function rejection(status: number, text: string): "expired" | "revoked" | "unknown" | undefined {
  if (status !== 401) return undefined;
  const body = parseErrorBody(text);
  if (/expired/i.test(body.text)) return "expired";
  if (/revoked/i.test(body.text)) return "revoked";
  return "unknown";
}

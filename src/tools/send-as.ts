import { rejectionOf } from "../accounts/rejected-token.js";
import type { Credentials } from "../accounts/types.js";
import { withRequestId } from "../errors/failure.js";
import type { RefusedCall } from "../errors/refused-call.js";
import type { BodyFormat } from "../http/body-format.js";
import { send } from "../http/send.js";
import type { GitLabResponse, WireRequest } from "../http/wire.js";
import type { ToolCallContext } from "./call.js";
import type { ParameterPlace, ToolDefinition } from "../definition/definition.js";

/** What sending and classification need to know of a request: a tool's definition has it. */
export type Described = Pick<
  ToolDefinition,
  "method" | "path" | "access" | "tier" | "verification" | "role" | "scopes" | "parameters" | "see" | "since"
>;

export type SuccessfulResponse = Extract<GitLabResponse, { ok: true }>;
type RefusedResponse = Extract<GitLabResponse, { ok: false }>;

/**
 * Sends with the account's token; once more with a newer one where GitLab says that this one has ended. What GitLab
 * refuses is looked into and thrown as one classified error.
 */
export async function sendAs(
  call: ToolCallContext,
  described: Described,
  wire: WireRequest,
  format: BodyFormat,
  first: Credentials,
): Promise<SuccessfulResponse> {
  let credentials = first;
  for (let refreshed = false; ; refreshed = true) {
    const response = await sendOnce(call, wire, format, credentials);
    if (response.ok) return response;
    const reason = rejectionOf(response.status, response.text);
    if (reason && !refreshed) {
      const { token } = credentials;
      credentials = await call.runtime.accounts
        .credentials(call.key, { signal: call.budget.signal, rejected: { token, reason } })
        .catch((error: unknown) => {
          throw withRequestId(error, call.progress.requestId);
        });
      if (credentials.token !== token) continue;
    }
    throw await refusalError(call, describe(call, described, wire, credentials, response), wire, credentials);
  }
}

/** One request with its retries, through the account's gate. */
export function sendOnce(
  call: ToolCallContext,
  wire: WireRequest,
  format: BodyFormat,
  { baseUrl, token, network }: Credentials,
): Promise<GitLabResponse> {
  const { runtime, account } = call;
  const transport = network ? runtime.transportFor(network) : runtime.transport;
  return send(call, wire, format, {
    baseUrl,
    token,
    transport,
    gate: runtime.limiter.gate(baseUrl, account, wire.path),
  });
}

function describe(
  { identity, progress }: ToolCallContext,
  described: Described,
  wire: WireRequest,
  { token, scopes, instance, baseUrl, connectedWith }: Credentials,
  { status, headers, text }: RefusedResponse,
): RefusedCall {
  const { method, path, access, tier, verification, role, parameters } = described;
  const places = Object.entries(parameters);
  const iid = places.find(([, place]) => place.iid !== undefined && place.in === "path");
  const iidValue = iid && wire.pathParameters[iid[1].name ?? iid[0]];
  const project = places.find(([, place]) => place.ref === "project" && place.in === "path");
  const branch = wire.body?.["branch"] ?? wire.query["branch"];
  const projectValue = project && wire.pathParameters[project[1].name ?? project[0]];
  return {
    toolName: identity.toolName,
    method,
    path,
    access,
    idempotent: wire.idempotent,
    ...(tier && { tier }),
    ...(verification && { verification }),
    ...(role !== undefined && { role }),
    scopes: described.scopes,
    grantedScopes: scopes,
    ...(connectedWith && { connectedWith }),
    finders: findersOf(places),
    ...(described.see && { see: described.see }),
    ...(described.since !== undefined && { since: described.since }),
    ...(projectValue !== undefined && { project: projectValue }),
    ...(typeof branch === "string" && { branch }),
    ...(iid?.[1].iid && iidValue !== undefined && { iid: { parameter: iid[0], kind: iid[1].iid, value: iidValue } }),
    ...(progress.requestId !== undefined && { requestId: progress.requestId }),
    ...(access !== "read" && (progress.uncertain || progress.repeated) && { attemptLost: true }),
    ...(progress.check !== undefined && { check: progress.check }),
    secrets: [token],
    baseUrl,
    instance,
    status,
    headers,
    body: text,
  };
}

/** Path parameters first: what is missing is most likely what they name. */
function findersOf(places: readonly (readonly [string, ParameterPlace])[]): Record<string, string> {
  const found = places.flatMap(([name, { in: where, finder }]) =>
    finder === undefined ? [] : [{ name, where, finder }],
  );
  const sorted = [...found.filter(({ where }) => where === "path"), ...found.filter(({ where }) => where !== "path")];
  return Object.fromEntries(sorted.map(({ name, finder }) => [name, finder]));
}

async function refusalError(
  call: ToolCallContext,
  refusal: RefusedCall,
  wire: WireRequest,
  credentials: Credentials,
): Promise<Error> {
  // What only a refusal needs is loaded with the first one.
  const { classify, questionsAbout } = await import("../errors/classify.js");
  const questions = questionsAbout(refusal);
  if (questions.length === 0) return classify(refusal);
  const { investigate } = await import("./investigate.js");
  const evidence = await investigate(call, refusal, wire, credentials, questions, sendOnce);
  return classify({ ...refusal, evidence });
}

import { rejectionOf } from "../accounts/rejected-token.js";
import type { Credentials } from "../accounts/types.js";
import { withRequestId } from "../errors/failure.js";
import type { RefusedCall } from "../errors/refused-call.js";
import { readHead } from "../http/body.js";
import { send } from "../http/send.js";
import type { HeaderReader, HttpResponse } from "../http/transport.js";
import type { WireRequest } from "../http/wire.js";
import type { ToolCallContext } from "./call.js";
import type { ParameterPlace, ToolDefinition } from "./definition.js";

/** What sending and classification need to know of a request: a tool's definition has it. */
export type Described = Pick<
  ToolDefinition,
  "method" | "path" | "access" | "tier" | "verification" | "role" | "scopes" | "parameters" | "answer" | "see" | "since"
>;

interface Refused {
  readonly status: number;
  readonly headers: HeaderReader;
  readonly body: string;
}

/** An error's words are at its beginning. */
const mostErrorBytes = 64 * 1024;

/**
 * Sends with the account's token; once more with a newer one where GitLab says that this one has ended. What GitLab
 * refuses is looked into and thrown as one classified error.
 */
export async function sendAs<Result>(
  call: ToolCallContext,
  described: Described,
  wire: WireRequest,
  first: Credentials,
  read: (response: HttpResponse) => Promise<Result>,
): Promise<Result> {
  let credentials = first;
  for (let refreshed = false; ; refreshed = true) {
    const outcome = await sendOnce<{ result: Result } | { refused: Refused }>(
      call,
      described.answer,
      wire,
      credentials,
      async (response) =>
        (response.status >= 200 && response.status < 300) || response.status === 304
          ? { result: await read(response) }
          : { refused: await readRefusal(response) },
    );
    if ("result" in outcome) return outcome.result;
    const { refused } = outcome;
    const reason = rejectionOf(refused.status, refused.body);
    if (reason && !refreshed) {
      const { token } = credentials;
      credentials = await call.runtime.accounts
        .credentials(call.key, { signal: call.budget.signal, rejected: { token, reason } })
        .catch((error: unknown) => {
          throw withRequestId(error, call.progress.requestId);
        });
      if (credentials.token !== token) continue;
    }
    throw await refusalError(call, describe(call, described, wire, credentials, refused), wire, credentials);
  }
}

/** One request with its retries, through the account's gate. */
export function sendOnce<Result>(
  { runtime, account, identity, observer, progress, budget }: ToolCallContext,
  answer: ToolDefinition["answer"],
  wire: WireRequest,
  { baseUrl, token, network }: Credentials,
  read: (response: HttpResponse) => Promise<Result>,
): Promise<Result> {
  const { limiter, retry, clock } = runtime;
  const transport = network ? runtime.transportFor(network) : runtime.transport;
  const gate = limiter.gate(baseUrl, account, wire.path);
  const allowOtherOrigin = answer === "binary";
  // A download that goes to a file is not begun again behind the caller's back.
  const canRetryRead = (wire.method === "GET" || wire.reads === true) && answer !== "binary";
  const options = { baseUrl, token, call: identity, observer, progress, budget, transport, gate, retry, clock };
  return send(wire, { ...options, allowOtherOrigin, canRetryRead }, read);
}

/** As much of the body as comes within the time that is left. */
async function readRefusal(response: HttpResponse): Promise<Refused> {
  const { status, headers } = response;
  // The status alone says enough when the body broke off.
  return { status, headers, body: await readHead(response, mostErrorBytes).catch(() => "") };
}

function describe(
  { identity, progress }: ToolCallContext,
  described: Described,
  wire: WireRequest,
  { token, scopes, instance, baseUrl, connectedWith }: Credentials,
  refused: Refused,
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
    ...(access !== "read" && progress.uncertain && { attemptLost: true }),
    secrets: [token],
    baseUrl,
    instance,
    ...refused,
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

import type { Credentials } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { insufficientScope } from "../errors/rules/token.js";
import { unlessAborted } from "../http/budget.js";
import { preview } from "../http/build-request.js";
import type { WireRequest } from "../http/wire.js";
import { callAccess } from "../policy/access.js";
import { askApproval, guardsVisibility, isConfined, refusedByPolicy, wouldReveal } from "../policy/policy.js";
import type { Revealing } from "../policy/visibility.js";
import { confine } from "./allow-list.js";
import type { Executed, ToolCallContext } from "./call.js";
import type { ToolDefinition } from "../definition/definition.js";
import { readTitle, withPresentTitle } from "./draft-title.js";
import type { Build } from "./graphql/text.js";
import type { Prepared } from "./prepare.js";

/** A request that may be sent, and with which credentials. */
export interface Approved {
  readonly wire: WireRequest;
  readonly credentials: Credentials;
  /** The instance's version and edition, where a GraphQL text was made for it. */
  readonly build?: Build;
}

/**
 * Checks a call against the account's scopes and the allow-list, and asks for approval of a change.
 *
 * @throws {GitLabToolError} `insufficient_scope`, `forbidden`, and what a reference that is not found comes to
 */
export async function approve(
  call: ToolCallContext,
  prepared: Prepared,
  signal: AbortSignal | undefined,
): Promise<Approved> {
  const { runtime, key, definition, budget } = call;
  const { name: toolName } = definition;
  const credentials = await credentialsOf(call);
  checkScopes(definition, credentials);
  const addressed = { ...(await address(call, prepared, credentials)), credentials };
  if (definition.access === "read") return addressed;
  const wire = await withPresentTitle(definition, prepared.values, addressed.wire, () =>
    readTitle(call, addressed.wire, credentials),
  );
  const { onBeforeWrite } = runtime;
  const reveals = guardsVisibility(call.policies) ? await revealedBy(call, prepared, wire, credentials) : undefined;
  if (reveals && !onBeforeWrite) throw wouldReveal(toolName, reveals);
  if (!onBeforeWrite) return { ...addressed, wire };
  const request = preview(wire, credentials.baseUrl);
  const access = callAccess(definition, prepared.values) === "destructive" ? "destructive" : "write";
  const partOf = call.outer && { partOf: call.outer.identity.toolName };
  const write = { ...key, toolName, access, request, ...partOf, ...(reveals && { reveals }) } as const;
  await budget.pausedFor(() => askApproval(onBeforeWrite, write, signal));
  // People take their time: the token may have been refreshed, and the connection changed.
  const present = await credentialsOf(call);
  if (present.baseUrl === credentials.baseUrl) return { ...addressed, wire, credentials: present };
  throw refusedByPolicy(
    toolName,
    "onBeforeWrite",
    `the change was approved for ${credentials.baseUrl}, and the connection has since moved to ${present.baseUrl}`,
  );
}

/** What a change could reveal; what its answer will show is remembered before it is made. */
async function revealedBy(
  call: ToolCallContext,
  prepared: Prepared,
  wire: WireRequest,
  credentials: Credentials,
): Promise<Revealing | undefined> {
  const { noteOwnPlaces, revealing } = await import("./visibility-guard.js");
  const reveals = await revealing(call, prepared, wire, credentials);
  await noteOwnPlaces(call, prepared, credentials);
  return reveals;
}

/** The request as it would be sent. Only what references and names stand for is asked of GitLab. */
export async function dryRun(call: ToolCallContext, prepared: Prepared): Promise<Executed> {
  const { values, baseUrl } = prepared;
  const asksGitLab = isConfined(call.policies) || call.definition.graphql !== undefined;
  const { wire } = asksGitLab ? await address(call, prepared, await credentialsOf(call)) : prepared;
  const present = await withPresentTitle(call.definition, values, wire, () => Promise.resolve("(the present title)"));
  const data = preview(present, baseUrl);
  return { result: { data, status: 0 }, headers: new Headers(), baseUrl };
}

/** The request with what its references and names stand for, confined to the allow-list. */
async function address(
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

/** The account's token and where it belongs, within the call's budget even where the store does not answer. */
export async function credentialsOf({
  runtime,
  key,
  account,
  budget,
  progress,
}: ToolCallContext): Promise<Credentials> {
  const { signal } = budget;
  const known = runtime.accounts.cache.fresh(account);
  const credentials = known ?? (await unlessAborted(runtime.accounts.credentials(key, { signal }), signal));
  progress.ready = true;
  return credentials;
}

/** A call whose scopes cannot suffice is not sent. */
function checkScopes(definition: ToolDefinition, { scopes, connectedWith }: Credentials): void {
  if (scopes.length === 0 || definition.scopes.some((scope) => scopes.includes(scope))) return;
  throw new GitLabToolError({
    ...insufficientScope(definition.scopes, scopes, connectedWith),
    toolName: definition.name,
  });
}

import { keyText } from "../stores/key-text.js";
import type { Credentials } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { WireRequest } from "../http/wire.js";
import { allowedItems, confineIncludes, confineTo, guardOf } from "../policy/allow-list.js";
import type { FoundPlace } from "../policy/project-directory.js";
import { isAudience } from "../policy/visibility.js";
import { lookupFor, type ToolCallContext } from "./call.js";
import { sendAs, type Described } from "./send-as.js";

/** Holds a call to the projects and groups that the policies allow; what references name is asked of GitLab. */
export async function confine(
  call: ToolCallContext,
  wire: WireRequest,
  credentials: Credentials,
): Promise<WireRequest> {
  const { definition, policies } = call;
  return await confineTo(policies, definition, wire, credentials.baseUrl, placeFinder(call, credentials));
}

/** Holds back an answer that may show files of projects beyond the allow-list. */
export async function holdIncludes(call: ToolCallContext, credentials: Credentials, data: unknown): Promise<void> {
  const { definition, policies } = call;
  const guard = guardOf(policies, definition.name, credentials.baseUrl, placeFinder(call, credentials));
  if (guard) await confineIncludes(guard, data);
}

/** Of a list across projects, what the allow-list lets through. */
export async function heldItems(call: ToolCallContext, credentials: Credentials, data: unknown): Promise<unknown> {
  const { definition, policies } = call;
  const guard = guardOf(policies, definition.name, credentials.baseUrl, placeFinder(call, credentials));
  return guard ? await allowedItems(guard, data) : data;
}

/** Finds what references name by asking GitLab, unless it is known already. */
export function placeFinder(
  call: ToolCallContext,
  credentials: Credentials,
): (kind: "project" | "group", reference: string) => Promise<FoundPlace> {
  const { key, runtime } = call;
  const account = `${credentials.baseUrl} ${keyText(key)}`;
  return (kind, reference) =>
    runtime.projects.resolve(account, kind, reference, () => ask(call, credentials, kind, reference));
}

/** What a look-up is, in a definition's words: the call's own tier, role and iid have nothing to do with it. */
const described = (kind: "project" | "group"): Described => ({
  method: "GET",
  path: `/api/v4/${kind}s/{id}`,
  access: "read",
  scopes: ["read_api", "api"],
  parameters: { [`${kind}_id`]: { in: "path", name: "id", ref: kind } },
});

async function ask(
  call: ToolCallContext,
  credentials: Credentials,
  kind: "project" | "group",
  reference: string,
): Promise<FoundPlace> {
  const about = described(kind);
  const wire = { method: "GET", path: about.path, pathParameters: { id: reference }, query: {}, idempotent: true };
  const { data } = await sendAs(lookupFor(call), about, wire, { as: "json" }, credentials);
  return readPlace(data, kind, reference);
}

function readPlace(body: unknown, kind: "project" | "group", reference: string): FoundPlace {
  const facts = typeof body === "object" && body !== null ? body : {};
  const id: unknown = Reflect.get(facts, "id");
  const path: unknown = Reflect.get(facts, kind === "project" ? "path_with_namespace" : "full_path");
  const visibility: unknown = Reflect.get(facts, "visibility");
  if (typeof id === "number" && typeof path === "string")
    return { id, path, ...(isAudience(visibility) && { visibility }) };
  throw new GitLabToolError({
    code: "gitlab_unavailable",
    message: `GitLab's answer does not say which ${kind} ${reference} is; the call was not sent.`,
    hint: "Call again.",
    retryable: true,
  });
}

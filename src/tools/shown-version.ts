import type { Values } from "./validate.js";
/**
 * Which version of a merge request an agent was shown. Merging and approving are held to that one: a head that is read
 * at merge time is whatever somebody pushed last.
 */
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { Credentials } from "../accounts/types.js";
import type { WireRequest } from "../http/wire.js";
import { isObject } from "../is-object.js";
import type { AgentMemory, MemoryScope } from "./agent-memory.js";
import { lookupFor, type ToolCallContext } from "./call.js";
import type { ToolDefinition } from "../definition/definition.js";
import { readReference } from "../policy/reference.js";
import { sendAs } from "./send-as.js";

/** What a call is about, by every name that is known of it. */
function namesOf(definition: Pick<ToolDefinition, "parameters">, values: Values, baseUrl: string, data?: unknown) {
  const places = Object.entries(definition.parameters);
  const [place = ""] = places.find(([, { ref }]) => ref === "project") ?? [];
  const [number = "", { iid } = {}] = places.find(([, one]) => one.iid !== undefined) ?? [];
  const named = values[place];
  if (iid === undefined || (typeof named !== "string" && typeof named !== "number")) return [];
  const read = readReference("project", place, String(named), baseUrl);
  const { project_id: id, references } = isObject(data) ? data : {};
  const full = isObject(references) && typeof references["full"] === "string" ? references["full"] : "";
  const [, path] = /^(.+)[!#]\d+$/.exec(full) ?? [];
  const projects = ["value" in read ? read.value : undefined, typeof id === "number" ? String(id) : undefined, path];
  return [...new Set(projects.flatMap((project) => project?.toLowerCase() ?? []))].map((project) =>
    JSON.stringify(["shown", baseUrl, project, iid, String(values[number])]),
  );
}

/** An agent's conversation at an instance, and what is remembered of it. */
export interface ShownTo {
  readonly memory: AgentMemory;
  readonly scope: MemoryScope;
  readonly baseUrl: string;
}

const shownTo = ({ runtime, account, conversation = "" }: ToolCallContext, baseUrl: string): ShownTo => ({
  memory: runtime.memory,
  scope: { account, conversation },
  baseUrl,
});

/** Notes which version an answer shows. */
export async function noteVersion(
  { memory, scope, baseUrl }: ShownTo,
  definition: Pick<ToolDefinition, "parameters">,
  values: Values,
  shown: {
    readonly version: string;
    readonly data?: unknown;
    /** The answer says which version it is: it counts in the place of an earlier one. */
    readonly isSaid: boolean;
  },
): Promise<void> {
  for (const name of namesOf(definition, values, baseUrl, shown.data))
    await memory.remember(scope, name, (known) => (shown.isSaid ? shown.version : (known ?? shown.version)));
}

/**
 * The version that an agent's conversation was shown of what a call is about.
 *
 * @throws {GitLabToolError} `invalid_input` where it was shown none
 */
export async function seenVersion(
  { memory, scope, baseUrl }: ShownTo,
  { name: toolName, parameters, seen = "", see }: Pick<ToolDefinition, "name" | "parameters" | "seen" | "see">,
  values: Values,
): Promise<string> {
  for (const name of namesOf({ parameters }, values, baseUrl)) {
    const version = await memory.recall(scope, name);
    if (version !== undefined) return version;
  }
  const reader = see?.["merge_request"] ?? "the tool that reads it";
  throw new GitLabToolError({
    code: "invalid_input",
    message: `${toolName} needs ${seen}: which version of it was looked at is not known, as no answer has shown it in this conversation.`,
    hint: `Nothing was sent. Call ${reader} and look at what it shows, then call again: its ${seen} is then used.`,
    toolName,
    details: { fields: [{ field: seen, message: "is required until an answer has shown it" }] },
  });
}

/** The values of a call that does not say which version was seen, with the one that its conversation was shown. */
export async function withSeen(call: ToolCallContext, values: Values, baseUrl: string): Promise<Values> {
  const { definition } = call;
  const version = await seenVersion(shownTo(call, baseUrl), definition, values);
  return { ...values, [definition.seen ?? ""]: version };
}

/** Notes which version an answer showed, as the caller got it. */
export async function noteShown(
  call: ToolCallContext,
  values: Values,
  { baseUrl }: Credentials,
  data: unknown,
  shown: unknown,
): Promise<void> {
  const { definition } = call;
  const version = isObject(data) ? data[definition.shows ?? ""] : undefined;
  if (typeof version !== "string" || version === "" || !isObject(shown)) return;
  if (shown[definition.shows ?? ""] !== version) return;
  await noteVersion(shownTo(call, baseUrl), definition, values, { version, data, isSaid: true });
}

const mostCommits = 100;

/**
 * Explains a refusal of a version that an agent was shown: how much has come since, not what the version is now, which
 * would be sent back unread. What was shown no longer counts.
 */
export async function outdated(
  call: ToolCallContext,
  values: Values,
  wire: WireRequest,
  credentials: Credentials,
  error: unknown,
): Promise<unknown> {
  const { definition } = call;
  const { memory, scope, baseUrl } = shownTo(call, credentials.baseUrl);
  const { seen = "", see } = definition;
  if (!(error instanceof GitLabToolError) || error.status !== 409 || error.details?.["reason"] !== "outdated")
    return error;
  const sent = wire.body?.[seen] ?? wire.query[seen];
  const version = typeof sent === "string" ? sent : "";
  for (const name of namesOf(definition, values, baseUrl)) await memory.forget(scope, name);
  const commits = await newCommits(call, version, wire, credentials).catch(() => undefined);
  const since =
    commits === undefined
      ? ""
      : commits < 0
        ? " Its history was rewritten, or has very many new commits."
        : ` It has ${commits} new ${commits === 1 ? "commit" : "commits"}.`;
  return new GitLabToolError({
    code: "conflict",
    message: `It was pushed to, and is no longer at ${version.slice(0, 12)} as it was read.${since} Nothing was done.`,
    hint: `Call ${see?.["merge_request"] ?? "the tool that reads it"}, look at what is new, then call again.`,
    status: error.status,
    toolName: definition.name,
    ...(error.requestId !== undefined && { requestId: error.requestId }),
    details: {
      reason: "outdated",
      shown: version,
      ...(commits !== undefined && commits >= 0 && { new_commits: commits }),
    },
  });
}

/** How many commits came after a version; -1 where that is not among the newest. */
async function newCommits(
  call: ToolCallContext,
  version: string,
  wire: WireRequest,
  credentials: Credentials,
): Promise<number | undefined> {
  if (!call.runtime.lookups.enabled) return undefined;
  const path = `${wire.path.replace(/\/\w+$/, "")}/commits`;
  const { pathParameters } = wire;
  const question: WireRequest = {
    ...{ method: "GET", path, pathParameters, idempotent: true },
    query: { per_page: String(mostCommits) },
  };
  const described = { ...call.definition, method: "GET", path, access: "read" } as const;
  const { data: commits } = await sendAs(lookupFor(call), described, question, { as: "json" }, credentials);
  if (!Array.isArray(commits)) return undefined;
  return commits.findIndex((commit: unknown) => isObject(commit) && commit["id"] === version);
}

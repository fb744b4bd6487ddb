import type { Credentials } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { readBytes } from "../http/body.js";
import type { WireRequest } from "../http/wire.js";
import type { Policy } from "./policy.js";
import { refusedByPolicy } from "./policy.js";
import type { Place } from "./project-directory.js";
import { readReference } from "./reference.js";
import type { ToolCallContext } from "./runtime.js";
import { sendAs, type Described } from "./send-as.js";

/** Parameters outside the path that lead a call into another project or namespace, by wire name. */
export const elsewhere: Readonly<Record<string, "project" | "group">> = {
  from_project_id: "project",
  target_project_id: "project",
  source_project_id: "project",
  template_project_id: "project",
  file_template_project_id: "project",
  duo_template_project_id: "project",
  group_with_project_templates_id: "group",
  namespace_id: "group",
  namespace_path: "group",
  namespace: "group",
  parent_id: "group",
};

/** Without these a new project or group lands in a place of its own, which no list names. */
const placed: Readonly<Record<string, readonly string[]>> = {
  "POST /api/v4/projects": ["namespace_id"],
  "POST /api/v4/projects/{id}/fork": ["namespace_id", "namespace_path", "namespace"],
  "POST /api/v4/groups": ["parent_id"],
};

/** What widens an answer to groups above the one that is asked, or to projects of others that are shared with it. */
const widening: Readonly<Record<string, readonly string[]>> = {
  "GET /api/v4/groups/{id}": ["with_projects"],
  "GET /api/v4/groups/{id}/projects": ["include_ancestor_groups", "with_shared"],
};

/** What GitLab widens unless it is told not to. */
const narrowing: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "GET /api/v4/groups/{id}": { with_projects: "false" },
  "GET /api/v4/groups/{id}/projects": { with_shared: "false" },
};

/** Lists of what lies elsewhere by its nature. */
const outside = new Set(["GET /api/v4/projects/{id}/forks"]);

/** Tools that are about no project: who the user is, and who else there is. */
const placeless = new Set(["gitlab_current_user_get", "gitlab_user_get", "gitlab_users_list"]);

type List = Required<Pick<Policy, "projects" | "groups">>;

/**
 * Holds a call to the projects and groups that the policies allow. What a reference names is asked of GitLab, so that
 * a number, a former path and a web URL are all the same project; the call then goes out with its number.
 *
 * @throws {GitLabToolError} `forbidden`, or why the project could not be looked up
 */
export async function confine(
  call: ToolCallContext,
  wire: WireRequest,
  credentials: Credentials,
): Promise<WireRequest> {
  const lists = call.policies
    .filter(({ projects, groups }) => projects !== undefined || groups !== undefined)
    .map(({ projects = [], groups = [] }): List => ({ projects, groups }));
  if (lists.length === 0) return wire;
  const { definition, key } = call;
  const account = JSON.stringify([credentials.baseUrl, key.connectionName, key.identifier]);
  const refuse = (because: string): GitLabToolError =>
    refusedByPolicy(definition.name, "projects", because, { allowed: lists });
  const find = (kind: "project" | "group", reference: string): Promise<Place> =>
    call.runtime.projects.resolve(account, kind, reference, () => ask(call, credentials, kind, reference));
  const check = async (kind: "project" | "group", reference: string): Promise<Place> => {
    const place = await find(kind, reference);
    for (const list of lists) {
      if (!(await isListed(list, kind, place, credentials.baseUrl, find)))
        throw refuse(`${kind} ${reference} is not among the projects and groups that this client may use`);
    }
    return place;
  };

  const pathParameters = { ...wire.pathParameters };
  let reached = false;
  for (const [name, { in: where, ref, name: wireName = name }] of Object.entries(definition.parameters)) {
    const reference = pathParameters[wireName];
    if (where !== "path" || (ref !== "project" && ref !== "group") || reference === undefined) continue;
    pathParameters[wireName] = String((await check(ref, reference)).id);
    reached = true;
  }
  const given = { ...wire.query, ...wire.body };
  for (const [name, kind] of Object.entries(elsewhere)) {
    const reference = given[name];
    if (!(name in given) || reference === undefined) continue;
    if (typeof reference !== "string" && typeof reference !== "number") throw refuse(`${name} must be one place`);
    await check(kind, String(reference));
    reached = true;
  }
  const operation = `${definition.method} ${definition.path}`;
  const wide = widening[operation]?.find((name) => given[name] !== undefined && given[name] !== "false");
  if (wide) throw refuse(`${wide} reaches beyond the groups that this client may use`);
  const needed = placed[operation];
  if (needed && !needed.some((name) => given[name] !== undefined))
    throw refuse(`${definition.name} needs ${needed.join(" or ")} here, naming a group that this client may use`);
  if (outside.has(operation) || (!reached && !placeless.has(definition.name)))
    throw refuse(`${definition.name} reaches beyond the projects and groups that this client may use`);
  return { ...wire, pathParameters, query: { ...wire.query, ...narrowing[operation] } };
}

async function isListed(
  { projects, groups }: List,
  kind: "project" | "group",
  place: Place,
  baseUrl: string,
  find: (kind: "project" | "group", reference: string) => Promise<Place>,
): Promise<boolean> {
  const path = place.path.toLowerCase();
  if (kind === "project" && projects.some((entry) => isNamed(place, "project", entry, baseUrl))) return true;
  for (const entry of groups) {
    if (kind === "group" && isNamed(place, "group", entry, baseUrl)) return true;
    const name = referenceOf("group", entry, baseUrl);
    if (name === undefined) continue;
    // A number stands for the path that the group has now.
    const group = /^\d+$/.test(name) ? (await find("group", name).catch(() => undefined))?.path : name;
    if (group !== undefined && path.startsWith(`${group.toLowerCase()}/`)) return true;
  }
  return false;
}

function isNamed(place: Place, kind: "project" | "group", entry: string | number, baseUrl: string): boolean {
  const name = referenceOf(kind, entry, baseUrl);
  if (name === undefined) return false;
  // A group's path may look like another group's number.
  return /^\d+$/.test(name) ? name === String(place.id) : name.toLowerCase() === place.path.toLowerCase();
}

/** An entry as number or path; a web URL of another instance names nothing on this one. */
function referenceOf(kind: "project" | "group", entry: string | number, baseUrl: string): string | undefined {
  const read = readReference(kind, "policy", String(entry), baseUrl);
  return "value" in read ? read.value : undefined;
}

/** What a look-up is, in a definition's words: the call's own tier, role and iid have nothing to do with it. */
const described = (kind: "project" | "group"): Described => ({
  method: "GET",
  path: `/api/v4/${kind}s/{id}`,
  access: "read",
  idempotent: true,
  scopes: ["read_api", "api"],
  parameters: { [`${kind}_id`]: { in: "path", name: "id", ref: kind } },
  answer: "json",
});

async function ask(
  call: ToolCallContext,
  credentials: Credentials,
  kind: "project" | "group",
  reference: string,
): Promise<Place> {
  const about = described(kind);
  const lookup: ToolCallContext = {
    ...call,
    identity: { ...call.identity, purpose: "lookup" },
    progress: { sent: false, uncertain: false },
  };
  const wire = { method: "GET", path: about.path, pathParameters: { id: reference }, query: {}, idempotent: true };
  return await sendAs(lookup, about, wire, credentials, async (response) => {
    const bytes = await readBytes(response, call.runtime.maxResponseBytes);
    return readPlace(new TextDecoder().decode(bytes), kind, reference);
  });
}

function readPlace(text: string, kind: "project" | "group", reference: string): Place {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // What is damaged says nothing.
  }
  const facts = typeof body === "object" && body !== null ? body : {};
  const id: unknown = Reflect.get(facts, "id");
  const path: unknown = Reflect.get(facts, kind === "project" ? "path_with_namespace" : "full_path");
  if (typeof id === "number" && typeof path === "string") return { id, path };
  throw new GitLabToolError({
    code: "gitlab_unavailable",
    message: `GitLab's answer does not say which ${kind} ${reference} is; the call was not sent.`,
    hint: "Call again.",
    retryable: true,
  });
}

import { randomUUID } from "node:crypto";
import type { Credentials } from "../accounts/types.js";
import type { Evidence, MergeFacts, Question, RefusedCall } from "../errors/refused-call.js";
import type { WireRequest } from "../http/wire.js";
import { isObject } from "../is-object.js";
import { isConfined } from "../policy/policy.js";
import type { HeaderReader } from "../http/transport.js";
import { lookupFor, type SendOnce, type ToolCallContext } from "./call.js";
import { instanceFacts } from "./instance.js";

interface LookupAnswer {
  readonly status: number;
  readonly headers: HeaderReader;
  readonly body: unknown;
}

interface Case {
  readonly refusal: RefusedCall;
  readonly wire: WireRequest;
  /** A read of the account's own instance; throws where it comes to nothing. */
  readonly ask: (
    path: string,
    pathParameters?: Record<string, string>,
    more?: Partial<WireRequest>,
  ) => Promise<LookupAnswer>;
  /** The project as the call named it. */
  readonly project: () => Promise<ProjectFacts | undefined>;
  readonly version: () => Promise<Evidence>;
  /** Projects beyond the allow-list must not show in an error. */
  readonly confined: boolean;
}

interface ProjectFacts {
  readonly id: number;
  readonly path: string;
  readonly namespaceId?: number;
  readonly accessLevel?: number;
}

const mostBytes = 2 * 1024 * 1024;

/**
 * Finds out what explains a refusal. All questions are asked at once, within one short timeout and the call's budget;
 * what cannot be found out is left out. Only reads are made, and nothing is thrown.
 */
export async function investigate(
  call: ToolCallContext,
  refusal: RefusedCall,
  wire: WireRequest,
  credentials: Credentials,
  questions: readonly Question[],
  sendOnce: SendOnce,
): Promise<Evidence> {
  const { lookups } = call.runtime;
  const { scopes } = credentials;
  const readable = scopes.length === 0 || scopes.includes("api") || scopes.includes("read_api");
  const toAsk = questions.filter((question) => question !== "global_id" || lookups.wrongIid);
  const remaining = call.budget.deadline - performance.now() - 20;
  if (!lookups.enabled || !readable || toAsk.length === 0 || remaining < 50) return {};
  const budget = call.budget.part(Math.min(lookups.timeoutMs, remaining));
  const { runtime } = call;
  const lookup = lookupFor({
    ...call,
    budget,
    identity: { ...call.identity, callId: randomUUID() },
    runtime: { ...runtime, maxResponseBytes: mostBytes, retry: { ...runtime.retry, attempts: 1 } },
  });
  const ask: Case["ask"] = async (path, pathParameters = {}, more = {}) => {
    const question = { method: "GET", path, pathParameters, query: {}, idempotent: true, ...more };
    const response = await sendOnce(lookup, question, { as: "json" }, credentials);
    return { status: response.status, headers: response.headers, body: response.ok ? response.data : null };
  };
  let project: Promise<ProjectFacts | undefined> | undefined;
  const matter: Case = {
    refusal,
    wire,
    ask,
    project: () => (project ??= findProject(ask, refusal.project).catch(() => undefined)),
    version: () => instanceFacts(call.runtime, credentials.baseUrl, () => ask("/api/v4/metadata")),
    confined: isConfined(call.policies),
  };
  const results = await Promise.allSettled(toAsk.map((question) => investigators[question](matter)));
  budget.close();
  return Object.assign({}, ...results.map((result) => (result.status === "fulfilled" ? result.value : {}))) as Evidence;
}

const investigators: Readonly<Record<Question, (matter: Case) => Promise<Evidence>>> = {
  global_id: globalId,
  target: async ({ ask, wire, refusal: { iid } }) => {
    const place = iid?.kind === "issue" ? "issues/{issue_iid}" : "merge_requests/{merge_request_iid}";
    const { status } = await ask(`/api/v4/projects/{id}/${place}`, wire.pathParameters);
    return status === 200 ? { targetExists: true } : status === 404 ? { targetExists: false } : {};
  },
  access: async ({ project }) => {
    const accessLevel = (await project())?.accessLevel;
    return accessLevel === undefined ? {} : { accessLevel };
  },
  plan,
  merge: async ({ ask, wire }) => {
    const { body } = await ask("/api/v4/projects/{id}/merge_requests/{merge_request_iid}", wire.pathParameters);
    if (!isObject(body)) return {};
    const names = ["detailed_merge_status", "state", "draft", "has_conflicts", "sha"] as const;
    const facts = names.flatMap((name) =>
      typeof body[name] === "string" || typeof body[name] === "boolean" ? [[name, body[name]]] : [],
    );
    return { merge: Object.fromEntries(facts) as MergeFacts };
  },
  file: async ({ ask, wire }) => {
    const ref = wire.body?.["branch"] ?? wire.query["branch"];
    const path = "/api/v4/projects/{id}/repository/files/{file_path}";
    const { headers, body } = await ask(path, wire.pathParameters, {
      query: { ref: typeof ref === "string" ? ref : "HEAD" },
    });
    const id = headers.get("x-gitlab-last-commit-id") ?? (isObject(body) ? body["last_commit_id"] : undefined);
    if (typeof id !== "string" || id === "") return {};
    const sentCommitId = wire.body?.["last_commit_id"] ?? wire.query["last_commit_id"];
    return { lastCommitId: id, ...(sentCommitId !== undefined && { fileChanged: sentCommitId !== id }) };
  },
  milestone: async ({ ask, wire }) => {
    const { milestone_id: iid = "", ...place } = wire.pathParameters;
    const { body } = await ask(`${milestones(wire.path)}`, place, { query: { "iids[]": [iid] } });
    const [found] = Array.isArray(body) ? body.filter(isObject) : [];
    return typeof found?.["id"] === "number" && String(found["iid"]) === iid
      ? { milestone: { id: found["id"], iid } }
      : {};
  },
  version: async ({ version }) => await version(),
  moved: async ({ project }) => {
    const found = await project();
    return found ? { project: { id: found.id, path: found.path } } : {};
  },
  numeric_id: async ({ ask, refusal: { project = "" } }) => {
    const { body } = await ask(
      "/api/v4/projects",
      {},
      { query: { search: project.split("/").at(-1) ?? "", simple: "true", per_page: "100" } },
    );
    const found = (Array.isArray(body) ? body : []).map(projectFacts).find((one) => one && samePath(one.path, project));
    return found ? { project: { id: found.id, path: found.path } } : {};
  },
};

/** `…/milestones/{milestone_id}/…` → `…/milestones`. */
const milestones = (path: string): string => path.slice(0, path.indexOf("/{milestone_id}"));

/** GitLab's GraphQL API finds issues and merge requests by global id (https://docs.gitlab.com/api/graphql/#global-ids). */
async function globalId({ ask, project, refusal, confined }: Case): Promise<Evidence> {
  const { iid, baseUrl } = refusal;
  if (!iid || !/^[1-9]\d*$/.test(iid.value)) return {};
  const query =
    iid.kind === "issue"
      ? `{ issue(id: "gid://gitlab/Issue/${iid.value}") { iid webUrl } }`
      : `{ mergeRequest(id: "gid://gitlab/MergeRequest/${iid.value}") { iid webUrl project { fullPath } } }`;
  const { body } = await ask("/api/graphql", {}, { method: "POST", body: { query } });
  const data = isObject(body) && isObject(body["data"]) ? body["data"] : {};
  const node = iid.kind === "issue" ? data["issue"] : data["mergeRequest"];
  if (!isObject(node)) return {};
  const found = /^\d+$/.test(String(node["iid"])) ? String(node["iid"]) : undefined;
  const full = isObject(node["project"]) ? node["project"]["fullPath"] : undefined;
  const path = typeof full === "string" ? full : projectOf(node["webUrl"], baseUrl);
  if (found === undefined || path === undefined) return {};
  const sameProject = await isSame(path, refusal.project ?? "", project, confined);
  // Small numbers are somebody's global id somewhere: beyond the project it is no more than a possibility.
  if (!sameProject && confined) return {};
  return { globalId: { iid: found, project: path, sameProject } };
}

/**
 * A path may be a former one, and a number needs looking up; where that fails, a number has the benefit of the doubt,
 * but not where a doubt could name a project beyond the allow-list.
 */
async function isSame(path: string, reference: string, project: Case["project"], confined: boolean): Promise<boolean> {
  if (samePath(path, reference)) return true;
  const named = await project();
  return named ? samePath(named.path, path) : !confined && /^\d+$/.test(reference);
}

/** `https://host/prefix/group/project/-/issues/42` → `group/project`. */
function projectOf(webUrl: unknown, baseUrl: string): string | undefined {
  if (typeof webUrl !== "string" || !URL.canParse(webUrl)) return undefined;
  const prefix = new URL(baseUrl).pathname.replace(/\/+$/, "");
  const { pathname } = new URL(webUrl);
  const path = prefix !== "" && pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : pathname;
  return decodeURIComponent(path.split("/-/")[0] ?? "").replace(/^\/+|\/+$/g, "") || undefined;
}

/** The namespace's plan where GitLab.com tells it, and a self-managed instance's edition. */
async function plan({ ask, project, refusal: { instance } }: Case): Promise<Evidence> {
  const edition = async (): Promise<Evidence> => {
    if (instance === "gitlab.com") return {};
    const { body } = await ask("/api/v4/metadata");
    return isObject(body) && typeof body["enterprise"] === "boolean" ? { enterprise: body["enterprise"] } : {};
  };
  const namespace = async (): Promise<Evidence> => {
    const found = await project();
    const level = found?.accessLevel === undefined ? {} : { accessLevel: found.accessLevel };
    if (found?.namespaceId === undefined) return level;
    const namespace = await ask("/api/v4/namespaces/{id}", { id: String(found.namespaceId) }).catch(() => undefined);
    const name = isObject(namespace?.body) ? namespace.body["plan"] : undefined;
    return { ...level, ...(typeof name === "string" && { plan: name }) };
  };
  const [first, second] = await Promise.all([edition().catch(() => ({})), namespace()]);
  return { ...first, ...second };
}

async function findProject(ask: Case["ask"], project: string | undefined): Promise<ProjectFacts | undefined> {
  if (project === undefined) return undefined;
  return projectFacts((await ask("/api/v4/projects/{id}", { id: project })).body);
}

function projectFacts(body: unknown): ProjectFacts | undefined {
  if (!isObject(body)) return undefined;
  const { id, path_with_namespace: path, namespace, permissions } = body;
  if (typeof id !== "number" || typeof path !== "string") return undefined;
  const accessLevel = levelOf(permissions);
  return {
    id,
    path,
    ...(isObject(namespace) && typeof namespace["id"] === "number" && { namespaceId: namespace["id"] }),
    ...(accessLevel !== undefined && { accessLevel }),
  };
}

/** The higher of the project's and the group's level; unknown where there is neither: an administrator has none. */
function levelOf(permissions: unknown): number | undefined {
  if (!isObject(permissions)) return undefined;
  const levels = [permissions["project_access"], permissions["group_access"]].map((access) =>
    isObject(access) && typeof access["access_level"] === "number" ? access["access_level"] : 0,
  );
  return Math.max(...levels) || undefined;
}

const samePath = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

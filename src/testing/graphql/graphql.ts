import { mayReadIssue, mayReadMergeRequest } from "../state/visibility.js";
import type { UserRecord } from "../state/records.js";
import { parseQuery, type Selection } from "./graphql-query.js";
import { Refusal } from "../server/handler.js";
import { authenticate, tokenOf } from "../server/authentication.js";
import { jsonReply, type Reply } from "../server/reply.js";
import type { IncomingRequest } from "../server/api.js";
import type { Part } from "../server/server.js";
import type { GitLabState } from "../state/gitlab-state.js";

type Node = { readonly type: string; readonly fields: Readonly<Record<string, () => unknown>> };
type Resolver = (
  gitlab: GitLabState,
  user: UserRecord | undefined,
  args: Readonly<Record<string, unknown>>,
) => Node | null;

/** `POST /api/graphql`: the few root fields that map global ids to iids, and what those lead to. */
export const graphqlPart = (gitlab: GitLabState): Part => ({
  matches: (path) => path.replace(/\/$/, "") === "/api/graphql",
  answer: (request) => answerGraphql(gitlab, request),
});

async function answerGraphql(gitlab: GitLabState, request: IncomingRequest): Promise<Reply> {
  if (request.method !== "POST") return jsonReply(404, { error: "404 Not Found" });
  const user = signedIn(gitlab, request);
  if (user === "refused") return jsonReply(401, { errors: [{ message: "Invalid token" }] });
  const { query, variables } = await request.body();
  const errors: { message: string }[] = [];
  const data: Record<string, unknown> = {};
  const parsed = parseQuery(typeof query === "string" ? query : "", isRecord(variables) ? variables : {});
  if ("error" in parsed) return jsonReply(200, { errors: [{ message: parsed.error }] });
  for (const selection of parsed.selections) {
    const resolver = roots[selection.name];
    if (resolver === undefined) {
      errors.push({ message: `Field '${selection.name}' doesn't exist on type 'Query'` });
      continue;
    }
    const node = resolver(gitlab, user, selection.args);
    data[selection.alias] = node === null ? null : project(node, selection.selections, errors);
  }
  return jsonReply(200, errors.length > 0 ? { errors } : { data });
}

function signedIn(gitlab: GitLabState, request: IncomingRequest): UserRecord | undefined | "refused" {
  try {
    const caller = authenticate(gitlab, tokenOf(request.headers, request.url.searchParams));
    const wide = caller?.token.scopes.some((scope) => scope === "api" || scope === "read_api") ?? true;
    return wide ? caller?.user : "refused";
  } catch (error) {
    if (error instanceof Refusal) return "refused";
    throw error;
  }
}

function project(node: Node, selections: readonly Selection[], errors: { message: string }[]): unknown {
  const result: Record<string, unknown> = {};
  for (const { name, alias, selections: inner } of selections) {
    if (name === "__typename") {
      result[alias] = node.type;
      continue;
    }
    const field = node.fields[name];
    if (field === undefined) {
      errors.push({ message: `Field '${name}' doesn't exist on type '${node.type}'` });
      continue;
    }
    const value = field();
    result[alias] = isNode(value) ? project(value, inner, errors) : value;
  }
  return result;
}

const roots: Readonly<Record<string, Resolver>> = {
  issue: (gitlab, user, args) => {
    const issue = gitlab.planning.issues.find(({ id }) => id === globalId(args["id"], "Issue"));
    if (issue === undefined || !mayReadIssue(gitlab, user, issue)) return null;
    return {
      type: "Issue",
      fields: {
        id: () => `gid://gitlab/Issue/${String(issue.id)}`,
        iid: () => String(issue.iid),
        title: () => issue.title,
        state: () => issue.state,
        projectId: () => issue.projectId,
        webPath: () => `${pathOf(gitlab, issue.projectId)}/-/issues/${String(issue.iid)}`,
        webUrl: () => `${gitlab.projectUrl(gitlab.project(issue.projectId))}/-/issues/${String(issue.iid)}`,
      },
    };
  },
  mergeRequest: (gitlab, user, args) => {
    const item = gitlab.planning.mergeRequests.find(({ id }) => id === globalId(args["id"], "MergeRequest"));
    if (item === undefined || !mayReadMergeRequest(gitlab, user, item)) return null;
    return {
      type: "MergeRequest",
      fields: {
        id: () => `gid://gitlab/MergeRequest/${String(item.id)}`,
        iid: () => String(item.iid),
        title: () => item.title,
        state: () => item.state,
        projectId: () => item.projectId,
        project: () => projectNode(gitlab, item.projectId),
        webPath: () => `${pathOf(gitlab, item.projectId)}/-/merge_requests/${String(item.iid)}`,
        webUrl: () => `${gitlab.projectUrl(gitlab.project(item.projectId))}/-/merge_requests/${String(item.iid)}`,
      },
    };
  },
  project: (gitlab, user, args) => {
    const path = args["fullPath"];
    const found = typeof path === "string" ? gitlab.projectByPath(path) : undefined;
    return found !== undefined && gitlab.canSeeProject(user, found) ? projectNode(gitlab, found.id) : null;
  },
  currentUser: (_gitlab, user) =>
    user === undefined
      ? null
      : {
          type: "CurrentUser",
          fields: {
            id: () => `gid://gitlab/User/${String(user.id)}`,
            username: () => user.username,
            name: () => user.name,
          },
        },
};

const projectNode = (gitlab: GitLabState, id: number): Node => ({
  type: "Project",
  fields: {
    id: () => `gid://gitlab/Project/${String(id)}`,
    name: () => gitlab.project(id).name,
    path: () => gitlab.project(id).path,
    fullPath: () => gitlab.projectPath(gitlab.project(id)),
    webUrl: () => gitlab.projectUrl(gitlab.project(id)),
  },
});

const pathOf = (gitlab: GitLabState, projectId: number): string =>
  new URL(gitlab.projectUrl(gitlab.project(projectId))).pathname;

function globalId(value: unknown, type: string): number | undefined {
  const match = /^gid:\/\/gitlab\/(\w+)\/(\d+)$/.exec(typeof value === "string" ? value : "");
  return match?.[1] === type ? Number(match[2]) : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isNode = (value: unknown): value is Node => isRecord(value) && "type" in value && "fields" in value;

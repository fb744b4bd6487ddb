import { role } from "../state/records.js";
import { mayReadIssue, mayReadMergeRequest } from "../state/visibility.js";
import { connection, type PageArguments } from "./connection.js";
import { gid, idOf, unavailable } from "./ids.js";
import { issueNode } from "./issue-node.js";
import { mergeRequestsOf, mergeRequestUrl } from "./merge-requests.js";
import { noteMutations } from "./note-mutations.js";
import { noteNode } from "./notes.js";
import { pipelineFields } from "./pipelines.js";
import { iterationFields, iterationNode, labelFields, milestoneFields } from "./planning.js";
import { todoNode } from "./todos.js";
import { byIid, found, workItemUrl } from "./work-item-access.js";
import { homeNode } from "./home.js";
import { vulnerabilityFields, vulnerabilityMutations, vulnerabilityNode } from "./vulnerabilities.js";
import { workItemsOf, type WorkItemFilters } from "./work-item-list.js";
import { workItemMutations } from "./work-item-mutations.js";
import { typesIn } from "./work-item-types.js";
import { accessLevel, hasPlan, homeAt, iso, roleIn, userNode, type Home, type Node, type View } from "./view.js";

type At = { readonly fullPath: string };

/** Everything that can be asked for. */
export function queryRoot(view: View): Node {
  const { gitlab, user } = view;
  const at = (path: string): Home | undefined => homeAt(view, path);
  return {
    metadata: () => ({
      version: gitlab.version,
      revision: "5f2c1a9d04e",
      enterprise: gitlab.instance === "gitlab.com" || gitlab.plan !== "free",
    }),
    queryComplexity: view.complexity,
    currentUser: () => currentUser(view),
    user: ({ id, username }: { readonly id?: string | null; readonly username?: string | null }) =>
      userNode(view, id == null ? (gitlab.userByName(username ?? "")?.id ?? null) : idOf(id, "User")),
    users: (
      args: PageArguments & {
        readonly usernames?: readonly string[] | null;
        readonly search?: string | null;
        readonly ids?: readonly string[] | null;
      },
    ) => {
      const people = [...gitlab.users.values()].filter(
        ({ id, username, name }) =>
          (args.usernames == null || args.usernames.some((one) => one.toLowerCase() === username.toLowerCase())) &&
          (args.ids == null || args.ids.some((one) => idOf(one, "User") === id)) &&
          `${username} ${name}`.toLowerCase().includes(args.search?.toLowerCase() ?? ""),
      );
      return connection(people, args, ({ id }) => userNode(view, id));
    },
    namespace: ({ fullPath }: At) => {
      const home = at(fullPath);
      return home === undefined ? null : namespaceNode(view, home);
    },
    group: ({ fullPath }: At) => {
      const home = at(fullPath);
      return home !== undefined && "group" in home ? placeNode(view, home) : null;
    },
    project: ({ fullPath }: At) => {
      const home = at(fullPath);
      return home !== undefined && "project" in home ? projectNode(view, home) : null;
    },
    issue: ({ id }: { readonly id: string }) => {
      const issue = gitlab.planning.issues.find((one) => one.id === idOf(id, "Issue", "WorkItem"));
      return issue === undefined || !mayReadIssue(gitlab, user, issue) ? null : issueNode(view, issue);
    },
    mergeRequest: ({ id }: { readonly id: string }) => {
      const item = gitlab.planning.mergeRequests.find((one) => one.id === idOf(id, "MergeRequest"));
      return item === undefined || !mayReadMergeRequest(gitlab, user, item) ? null : view.show.mergeRequest(item);
    },
    workItem: ({ id }: { readonly id: string }) => {
      const item = found(view, id);
      return item === undefined ? null : view.show.workItem(item);
    },
    workItemsByReference: (
      args: PageArguments & { readonly refs: readonly string[]; readonly contextNamespacePath?: string | null },
    ) => {
      const items = args.refs.flatMap((reference) => {
        const item = byReference(view, reference, args.contextNamespacePath ?? "");
        return item === undefined ? [] : [item];
      });
      return connection(items, args, (item) => view.show.workItem(item));
    },
    note: ({ id }: { readonly id: string }) => {
      const number = idOf(id, "Note", "DiscussionNote", "DiffNote");
      for (const item of [...gitlab.planning.issues, ...gitlab.planning.mergeRequests]) {
        const note = item.notes.find((one) => one.id === number);
        if (note === undefined) continue;
        const level = gitlab.projectRole(user, gitlab.project(item.projectId));
        const readable =
          item.kind === "issue" ? mayReadIssue(gitlab, user, item) : mayReadMergeRequest(gitlab, user, item);
        if (!readable || (note.internal && level < role.planner)) return null;
        const webUrl = item.kind === "issue" ? workItemUrl(view, item) : mergeRequestUrl(view, item);
        return noteNode(view, { item, level, webUrl }, note);
      }
      return null;
    },
    iteration: ({ id }: { readonly id: string }) => {
      const iteration = gitlab.workItems.iterations.find((one) => one.id === idOf(id, "Iteration"));
      return iteration === undefined ? null : iterationNode(view, iteration);
    },
    vulnerability: ({ id }: { readonly id: string }) => vulnerabilityNode(view, id),
  };
}

/** Everything that can be changed. Each refuses a token that may only read, as GitLab does: as if nothing were there. */
export function mutationRoot(view: View): Node {
  if (view.user === undefined || !view.mayWrite) unavailable();
  return { ...workItemMutations(view), ...noteMutations(view), ...vulnerabilityMutations(view) };
}

function byReference(view: View, reference: string, context: string): ReturnType<typeof byIid> {
  const base = `${view.gitlab.baseUrl}/`;
  const address = reference.startsWith(base) ? reference.slice(base.length) : undefined;
  const parts =
    address === undefined
      ? /^(?<path>[\w./-]*)(?:#|&|\[work_item:)(?<iid>\d+)\]?$/.exec(reference)
      : /^(?:groups\/)?(?<path>.+?)\/-\/(?:issues|work_items|epics)\/(?<iid>\d+)/.exec(address);
  const { path = "", iid = "" } = parts?.groups ?? {};
  const home = homeAt(view, path === "" ? context : path);
  return parts === null || home === undefined ? undefined : byIid(view, home, iid);
}

/** What projects, groups and namespaces have alike: work items and their types. */
const workItemFields = (view: View, home: Home): Node => ({
  workItem: ({ iid }: { readonly iid: string }) => {
    const item = byIid(view, home, iid);
    return item === undefined ? null : view.show.workItem(item);
  },
  workItems: (filters: WorkItemFilters) => workItemsOf(view, home, filters),
  workItemTypes: (args: PageArguments) => typesIn(view, home, args),
});

/** The plans that some features take: https://docs.gitlab.com/user/work_items/ */
const featurePlans: Readonly<Record<string, "premium" | "ultimate">> = {
  ISSUABLE_HEALTH_STATUS: "ultimate",
  OKRS: "ultimate",
  QUALITY_MANAGEMENT: "ultimate",
  REQUIREMENTS: "ultimate",
  SECURITY_DASHBOARD: "ultimate",
  SUBEPICS: "ultimate",
};

const namespaceNode = (view: View, home: Home): Node => ({
  ...homeNode(view, home),
  __typename: "Namespace",
  ...workItemFields(view, home),
  licensedFeatureAvailability: ({ feature }: { readonly feature: string }) => {
    const requiredPlan = featurePlans[feature] ?? "premium";
    return { available: hasPlan(view, home, requiredPlan), requiredPlan };
  },
});

/** What projects and groups have alike. */
const placeNode = (view: View, home: Home): Node => ({
  ...homeNode(view, home),
  ...workItemFields(view, home),
  ...labelFields(view, home),
  ...milestoneFields(view, home),
  ...iterationFields(view, home),
  ...vulnerabilityFields(view, home),
});

function projectNode(view: View, home: Extract<Home, { project: unknown }>): Node {
  const { gitlab } = view;
  const { project } = home;
  const { repository, settings } = project;
  const level = roleIn(view, home);
  const group = gitlab.groups.get(project.namespaceId);
  const mine = <Item extends { readonly projectId: number }>(items: readonly Item[]): Item[] =>
    items.filter(({ projectId }) => projectId === project.id);
  const isOn = (name: string): boolean => settings[name] !== false;
  return {
    ...placeNode(view, home),
    ...pipelineFields(view, project),
    nameWithNamespace: `${gitlab.namespaceName(project.namespaceId)} / ${project.name}`,
    archived: project.archived,
    topics: Array.isArray(settings["topics"]) ? settings["topics"] : [],
    createdAt: iso(project.createdAt),
    lastActivityAt: iso(project.lastActivityAt),
    starCount: project.starredBy.size,
    forksCount: [...gitlab.projects.values()].filter(({ forkedFromId }) => forkedFromId === project.id).length,
    openIssuesCount: mine(gitlab.planning.issues).filter(({ state }) => state === "opened").length,
    openMergeRequestsCount: mine(gitlab.planning.mergeRequests).filter(({ state }) => state === "opened").length,
    issuesEnabled: isOn("issues_enabled"),
    mergeRequestsEnabled: isOn("merge_requests_enabled"),
    onlyAllowMergeIfPipelineSucceeds: settings["only_allow_merge_if_pipeline_succeeds"] === true,
    onlyAllowMergeIfAllDiscussionsAreResolved: settings["only_allow_merge_if_all_discussions_are_resolved"] === true,
    httpUrlToRepo: `${gitlab.projectUrl(project)}.git`,
    group: group === undefined ? null : { fullPath: gitlab.groupPath(group) },
    namespace: () => ({ id: gid("Group", project.namespaceId), fullPath: gitlab.namespacePath(project.namespaceId) }),
    languages: [],
    repository: {
      rootRef: repository.isEmpty ? null : repository.defaultBranch,
      empty: repository.isEmpty,
      exists: true,
    },
    maxAccessLevel: accessLevel(level),
    userPermissions: {
      createIssue: view.user !== undefined && level >= role.guest,
      createMergeRequestIn: level >= role.developer,
      pushCode: level >= role.developer,
      adminProject: level >= role.maintainer,
    },
    mergeRequest: ({ iid }: { readonly iid: string }) => {
      const item = gitlab.planning.mergeRequest(project.id, Number(iid));
      return item === undefined || !mayReadMergeRequest(gitlab, view.user, item) ? null : view.show.mergeRequest(item);
    },
    mergeRequests: (args: PageArguments) => mergeRequestsOf(view, args, ({ projectId }) => projectId === project.id),
    releases: (args: PageArguments) => {
      const releases = mine(gitlab.releases).sort(
        (one, other) => other.releasedAt.getTime() - one.releasedAt.getTime(),
      );
      return connection(releases, args, ({ tagName, name, releasedAt }) => ({
        tagName,
        name,
        releasedAt: iso(releasedAt),
      }));
    },
  };
}

function currentUser(view: View): Node | null {
  const { gitlab, user } = view;
  if (user === undefined) return null;
  return userNode(view, user.id, "CurrentUser", {
    todos: (args: PageArguments & { readonly state?: readonly string[] | null }) => {
      const todos = gitlab.resources
        .in("todos", `users/${String(user.id)}`)
        .filter(({ values }) => args.state == null || args.state.includes(String(values["state"])));
      return connection([...todos].reverse(), args, (todo) => todoNode(view, todo));
    },
    assignedMergeRequests: (args: PageArguments) =>
      mergeRequestsOf(view, args, ({ assigneeIds }) => assigneeIds.includes(user.id)),
    reviewRequestedMergeRequests: (args: PageArguments) =>
      mergeRequestsOf(view, args, ({ reviewerIds }) => reviewerIds.includes(user.id)),
    workItems: (filters: WorkItemFilters) => workItemsOf(view, undefined, filters),
  });
}

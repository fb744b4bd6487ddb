import { wordOf } from "../engine/fill.js";
import { findGroup, findProject, requireUser } from "../../server/access.js";
import { commitEntity } from "../code/commit-entity.js";
import { contextFor } from "../../state/context-of.js";
import { groupEntity } from "../groups/group-entity.js";
import { forbidden, list, refuse, type Answer, type Call, type Handlers } from "../../server/handler.js";
import { mergeRequestBasicEntity } from "../../reviews/merge-request-entity.js";
import { issueEntity, milestoneEntity, noteEntity } from "../planning/planning-entities.js";
import { projectBasic } from "../projects/project-entity.js";
import { role, type ProjectRecord } from "../../state/records.js";
import { presentRecord } from "../engine/resource.js";
import { searchBlobs } from "./search-blobs.js";
import { projectSnippets, seesSnippet } from "../projects/snippets.js";
import { userBasic } from "../users/user-entity.js";
import { mayReadIssue, mayReadMergeRequest } from "../../state/visibility.js";

/** What a search looks through. */
interface Ground {
  readonly call: Call;
  readonly projects: readonly ProjectRecord[];
  /** The one project, when there is but one. */
  readonly project: ProjectRecord | undefined;
  readonly words: readonly string[];
}

type Scope = (ground: Ground) => Answer;

/** Search in the whole instance and in one project. */
export const searchHandlers: Handlers = {
  getApiV4Search: (call) => {
    requireUser(call);
    const { gitlab, user, params } = call;
    const scope = params.text("scope") ?? "";
    // Code, commits and comments of the whole instance are found by Elasticsearch, which Free does not have.
    if (["blobs", "wiki_blobs", "commits", "notes"].includes(scope) && gitlab.plan === "free") {
      return refuse(400, { error: "Scope supported only with advanced search or exact code search" });
    }
    const archived = params.flag("include_archived") === true;
    const projects = [...gitlab.projects.values()].filter(
      (project) => gitlab.canSeeProject(user, project) && (archived || !project.archived),
    );
    return search({ call, projects, project: undefined, words: wordsOf(call) }, scope);
  },

  "GET /groups/{id}/search": (call) => {
    const group = findGroup(call);
    requireUser(call);
    const { gitlab, user, params } = call;
    const projects = [...gitlab.projects.values()].filter(
      (project) => gitlab.ancestry(project.namespaceId).includes(group) && gitlab.canSeeProject(user, project),
    );
    return search({ call, projects, project: undefined, words: wordsOf(call) }, params.text("scope") ?? "");
  },

  getApiV4ProjectsIdDashSearch: (call) => {
    const project = findProject(call);
    requireUser(call);
    const scope = call.params.text("scope") ?? "";
    return search({ call, projects: [project], project, words: wordsOf(call) }, scope);
  },
};

function search(ground: Ground, scope: string): Answer {
  if (scope === "") return refuse(400, { error: "scope is empty" });
  if ((ground.call.params.text("search") ?? "") === "") return refuse(400, { error: "search is empty" });
  return scopes[scope]?.(ground) ?? refuse(400, { error: "scope does not have a valid value" });
}

const wordsOf = ({ params }: Call): string[] =>
  (params.text("search") ?? "").toLowerCase().split(/\s+/).filter(Boolean);

const matches = ({ words }: Ground, ...texts: readonly (string | null)[]): boolean => {
  const text = texts.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
};

const readsCode = ({ call }: Ground, project: ProjectRecord): boolean =>
  project.visibility !== "private" || call.gitlab.projectRole(call.user, project) >= role.reporter;

const inside = ({ projects }: Ground, projectId: number): ProjectRecord | undefined =>
  projects.find(({ id }) => id === projectId);

const issues: Scope = (ground) => {
  const { call } = ground;
  const { params, gitlab } = call;
  const state = params.text("state") ?? "all";
  const found = gitlab.planning.issues.filter((issue) => {
    if (inside(ground, issue.projectId) === undefined || !mayReadIssue(gitlab, call.user, issue)) return false;
    if (state !== "all" && issue.state !== state) return false;
    if (params.has("confidential") && issue.confidential !== params.flag("confidential")) return false;
    const titleOnly = params.list("fields").includes("title");
    const iid = /^#?(\d+)$/.exec(params.text("search") ?? "")?.[1];
    return iid === String(issue.iid) || matches(ground, issue.title, titleOnly ? null : issue.description);
  });
  return list(newest(found), (issue) =>
    issueEntity(contextFor(gitlab, gitlab.project(issue.projectId), call.user?.id ?? 0), issue, { single: false }),
  );
};

const mergeRequests: Scope = (ground) => {
  const { call } = ground;
  const { params, gitlab } = call;
  const state = params.text("state") ?? "all";
  const not = params.nested("not");
  const author = (name: string | undefined): number | undefined =>
    name === undefined ? undefined : (gitlab.userByName(name)?.id ?? -1);
  const found = gitlab.planning.mergeRequests.filter((item) => {
    if (inside(ground, item.projectId) === undefined || !mayReadMergeRequest(gitlab, call.user, item)) return false;
    if (state !== "all" && item.state !== state) return false;
    const positive = [
      [params.text("source_branch"), item.sourceBranch],
      [params.text("target_branch"), item.targetBranch],
      [author(params.text("author_username")), item.authorId],
    ];
    const negative = [
      [not.text("source_branch"), item.sourceBranch],
      [not.text("target_branch"), item.targetBranch],
      [author(not.text("author_username")), item.authorId],
    ];
    if (positive.some(([filter, is]) => filter !== undefined && filter !== is)) return false;
    if (negative.some(([unwanted, is]) => unwanted !== undefined && unwanted === is)) return false;
    return matches(ground, item.title, params.list("fields").includes("title") ? null : item.description);
  });
  return list(newest(found), (item) =>
    mergeRequestBasicEntity(contextFor(gitlab, gitlab.project(item.projectId), call.user?.id ?? 0), item),
  );
};

const scopes: Readonly<Record<string, Scope>> = {
  issues,
  work_items: issues,
  merge_requests: mergeRequests,

  projects: (ground) => {
    const { gitlab } = ground.call;
    const found = ground.projects.filter((project) =>
      matches(ground, project.name, gitlab.projectPath(project), project.description),
    );
    return list(newest(found), (project) => projectBasic(gitlab, project));
  },

  groups: (ground) => {
    const { gitlab, user } = ground.call;
    const found = [...gitlab.groups.values()].filter(
      (group) => gitlab.canSeeGroup(user, group) && matches(ground, group.name, gitlab.groupPath(group)),
    );
    return list(newest(found), (group) => groupEntity(gitlab, group));
  },

  users: (ground) => {
    const { gitlab } = ground.call;
    const { project } = ground;
    const found = [...gitlab.users.values()].filter((user) => {
      const near = project === undefined || gitlab.projectRole({ ...user, admin: false }, project) > 0;
      return near && matches(ground, user.name, user.username);
    });
    return list(found, (user) => ({ ...userBasic(gitlab, user) }));
  },

  milestones: (ground) => {
    const { gitlab, user } = ground.call;
    const found = gitlab.planning.milestones.filter(
      ({ projectId, title, description }) =>
        inside(ground, projectId) !== undefined && matches(ground, title, description),
    );
    return list(newest(found), (milestone) =>
      milestoneEntity(contextFor(gitlab, gitlab.project(milestone.projectId), user?.id ?? 0), milestone),
    );
  },

  notes: (ground) => {
    const { gitlab, user } = ground.call;
    const { planning } = gitlab;
    const items = [
      ...planning.issues.filter((issue) => mayReadIssue(gitlab, user, issue)),
      ...planning.mergeRequests.filter((item) => mayReadMergeRequest(gitlab, user, item)),
    ].filter(({ projectId }) => inside(ground, projectId) !== undefined);
    const found = items.flatMap((item) =>
      item.notes
        .filter((note) => !note.system && !note.internal && matches(ground, note.body))
        .map((note) => ({ item, note })),
    );
    return list(found, ({ item, note }) =>
      noteEntity(contextFor(gitlab, gitlab.project(item.projectId), user?.id ?? 0), item, note),
    );
  },

  commits: (ground) => {
    const { gitlab } = ground.call;
    const readable = ground.projects.filter((project) => readsCode(ground, project));
    if (ground.project !== undefined && readable.length === 0) return forbidden();
    const ref = ground.call.params.text("ref");
    const found = readable.flatMap((project) =>
      project.repository.isEmpty
        ? []
        : project.repository
            .history(ref ?? project.repository.defaultBranch)
            .filter(
              ({ message, sha }) =>
                matches(ground, message) || ground.words.some((word) => word.length > 6 && sha.startsWith(word)),
            )
            .map((commit) => ({ project, commit })),
    );
    return list(found, ({ project, commit }) => ({
      ...commitEntity(gitlab, project, commit),
      project_id: project.id,
      status: null,
      last_pipeline: null,
    }));
  },

  blobs: (ground) => {
    const readable = ground.projects.filter((project) => readsCode(ground, project));
    if (ground.project !== undefined && readable.length === 0) return forbidden();
    const { params } = ground.call;
    const found = readable.flatMap((project) =>
      searchBlobs(project, params.text("ref"), params.text("search") ?? "", params.integer("num_context_lines") ?? 2),
    );
    return list(found, (blob) => blob);
  },

  wiki_blobs: (ground) => {
    const { call } = ground;
    const found = call.gitlab.resources.of("wikis").flatMap(({ place, values }) => {
      const project = inside(ground, Number(/^projects\/(\d+)$/.exec(place)?.[1]));
      const text = wordOf(values["content"]) ?? "";
      const slug = wordOf(values["slug"]) ?? "";
      const term = (call.params.text("search") ?? "").toLowerCase();
      return project !== undefined && `${slug}\n${text}`.toLowerCase().includes(term) ? [{ project, slug, text }] : [];
    });
    return list(found, ({ project, slug, text }) => ({
      basename: slug,
      data: text,
      path: `${slug}.md`,
      filename: `${slug}.md`,
      id: null,
      ref: "main",
      startline: 1,
      project_id: project.id,
      group_id: null,
    }));
  },

  snippet_titles: (ground) => {
    const { call } = ground;
    const { gitlab } = call;
    const found = gitlab.resources.of("snippets").flatMap((record) => {
      const project = inside(ground, Number(record.place.split("/")[1]));
      const title = wordOf(record.values["title"]) ?? "";
      return project !== undefined &&
        seesSnippet(record, call, gitlab.projectRole(call.user, project)) &&
        matches(ground, title)
        ? [{ project, record }]
        : [];
    });
    return list(found, ({ project, record }) => {
      const asked = { ...call, path: { id: String(project.id) } };
      const entity = call.document.schema("APIEntitiesProjectSnippet");
      return presentRecord(projectSnippets, record, asked, projectSnippets.under(asked), entity);
    });
  },
};

const newest = <T extends { readonly id: number }>(found: readonly T[]): T[] => [...found].sort((a, b) => b.id - a.id);

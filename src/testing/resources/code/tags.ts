import { findCode, findWritableCode, touch } from "./code-access.js";
import { commitEntity } from "./commit-entity.js";
import {
  created,
  empty,
  forbidden,
  json,
  list,
  notFound,
  refuse,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import { role, type ProjectRecord } from "../../state/records.js";
import { isRefName, nameSearch } from "./ref-names.js";
import type { TagRecord } from "../../repository/model.js";

/** Tags of a project's repository. */
export const tagHandlers: Handlers = {
  getApiV4ProjectsIdRepositoryTags: (call) => {
    const project = findCode(call);
    const { params } = call;
    const matches = nameSearch(params.text("search"));
    const direction = params.text("sort") === "asc" ? 1 : -1;
    const order = params.text("order_by") ?? "updated";
    const tags = [...project.repository.tags.values()].filter(({ name }) => matches(name));
    const updated = (tag: TagRecord): number =>
      (tag.createdAt ?? project.repository.commit(tag.sha)?.committer.date ?? new Date(0)).getTime();
    tags.sort((a, b) => {
      const byName = a.name.localeCompare(b.name, "en", { numeric: order === "version" });
      return direction * (order === "updated" ? updated(a) - updated(b) || byName : byName);
    });
    return list(tags, (tag) => tagEntity(call, project, tag), {
      keyset: (tag) => tag.name,
      keysetParameter: "page_token",
    });
  },

  getApiV4ProjectsIdRepositoryTagsTagName: (call) => {
    const project = findCode(call);
    return json(tagEntity(call, project, requireTag(call, project)));
  },

  postApiV4ProjectsIdRepositoryTags: (call) => {
    const { project } = findWritableCode(call);
    const { params } = call;
    const name = params.text("tag_name") ?? "";
    const ref = params.text("ref") ?? "";
    const { repository } = project;
    if (!isRefName(name)) return refuse(400, "Tag name invalid");
    if (repository.tags.has(name)) return refuse(400, `Tag ${name} already exists`);
    const tag = repository.createTag(name, ref, params.text("message") ?? null, call.gitlab.now());
    if (tag === undefined) return refuse(400, `Target ${ref} is invalid`);
    touch(call, project);
    return created(tagEntity(call, project, tag));
  },

  deleteApiV4ProjectsIdRepositoryTagsTagName: (call) => {
    const { project } = findWritableCode(call);
    const tag = requireTag(call, project);
    if (isProtectedTag(project, tag.name) && call.gitlab.projectRole(call.user, project) < role.maintainer) forbidden();
    project.repository.tags.delete(tag.name);
    // GitLab removes a release together with its tag.
    const { releases } = call.gitlab;
    const index = releases.findIndex(({ projectId, tagName }) => projectId === project.id && tagName === tag.name);
    if (index >= 0) releases.splice(index, 1);
    touch(call, project);
    return empty();
  },
};

const requireTag = (call: Call, project: ProjectRecord): TagRecord =>
  project.repository.tags.get(call.path["tag_name"] ?? "") ?? notFound("Tag");

/** Protected tags by wildcard, kept with the project's settings. */
function isProtectedTag(project: ProjectRecord, name: string): boolean {
  const patterns = project.settings["protected_tags"];
  return (
    Array.isArray(patterns) &&
    patterns.some((pattern) => {
      const [start = "", end] = String(pattern).split("*");
      return end === undefined ? start === name : name.startsWith(start) && name.endsWith(end);
    })
  );
}

/** A tag with the notes of its release, if it has one. */
function tagEntity(call: Call, project: ProjectRecord, tag: TagRecord): Record<string, unknown> {
  const { gitlab } = call;
  const commit = project.repository.commit(tag.sha);
  const release = gitlab.releases.find(({ projectId, tagName }) => projectId === project.id && tagName === tag.name);
  return {
    name: tag.name,
    message: tag.message ?? "",
    target: tag.target,
    commit: commit === undefined ? null : commitEntity(gitlab, project, commit),
    release: release === undefined ? null : { tag_name: release.tagName, description: release.description },
    protected: isProtectedTag(project, tag.name),
    created_at: tag.createdAt?.toISOString() ?? null,
  };
}

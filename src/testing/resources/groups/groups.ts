import { takeAvatar } from "../projects/uploads.js";
import { findGroup, requireGroupRole, requireUser } from "../../server/access.js";
import { groupDetail, groupDetailSettings, groupEntity, groupSettings, groupStatistics } from "./group-entity.js";
import { created, forbidden, json, list, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { addMember } from "../members/member-entity.js";
import { isVisibility, removeProject } from "../projects/project-creation.js";
import { role, type GroupRecord, type UserRecord, type Visibility } from "../../state/records.js";
import { takeSettings } from "../../state/settings.js";
import type { GitLabState } from "../../state/gitlab-state.js";

/** Groups and subgroups. */
export const groupHandlers: Handlers = {
  getApiV4Groups: (call) => {
    const { gitlab, params } = call;
    const tests = groupTests(call);
    const by = params.text("order_by") ?? "name";
    const direction = params.text("sort") === "desc" ? -1 : 1;
    const key = (group: GroupRecord): string | number =>
      by === "id" ? group.id : by === "path" ? group.path : group.name.toLowerCase();
    const found = [...gitlab.groups.values()]
      .filter((group) => gitlab.canSeeGroup(call.user, group) && tests.every((test) => test(group)))
      .sort((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id));
    const statistics = params.flag("statistics") === true ? { statistics: groupStatistics } : {};
    return list(found, (group) => ({ ...groupEntity(gitlab, group), ...statistics }), { keyset: (group) => group.id });
  },

  getApiV4GroupsId: (call) => {
    const group = findGroup(call);
    return json(groupDetail(call.gitlab, group, call.user, call.params.flag("with_projects") !== false));
  },

  postApiV4Groups: (call) => {
    const me = requireUser(call);
    const { params, gitlab } = call;
    const parentId = params.integer("parent_id") ?? null;
    const parent = parentId === null ? null : (gitlab.groups.get(parentId) ?? notFound("Group"));
    if (parent === null ? gitlab.instance === "gitlab.com" : !mayCreateSubgroup(gitlab, me, parent)) return forbidden();
    const path = params.text("path") ?? "";
    const name = params.text("name") ?? "";
    checkPath(gitlab, parent, path);
    checkGroupName(name);
    if (name.trim() === "") return refuse(400, `Failed to save group {name: ["can't be blank"]}`);
    const visibility = params.text("visibility");
    const group = createGroup(gitlab, {
      name,
      path,
      parentId,
      description: params.text("description") ?? "",
      visibility: isVisibility(visibility) ? visibility : "private",
      owner: me,
    });
    takeSettings(group.settings, call.values, { ...groupSettings, ...groupDetailSettings });
    return created(groupEntity(gitlab, group));
  },

  putApiV4GroupsId: (call) => {
    const group = findGroup(call);
    requireGroupRole(call, group, role.owner);
    const { params, gitlab } = call;
    const path = params.text("path");
    if (path !== undefined && path !== group.path) {
      checkPath(gitlab, group.parentId === null ? null : (gitlab.groups.get(group.parentId) ?? null), path);
      rename(gitlab, group, path);
    }
    group.name = params.text("name") ?? group.name;
    group.description = params.text("description") ?? group.description;
    const visibility = params.text("visibility");
    if (isVisibility(visibility)) {
      checkInside(gitlab, group, visibility);
      group.visibility = visibility;
    }
    takeAvatar(call, "group", group);
    takeSettings(group.settings, call.values, { ...groupSettings, ...groupDetailSettings });
    return json(groupEntity(gitlab, group));
  },

  deleteApiV4GroupsId: (call) => {
    const group = findGroup(call);
    requireGroupRole(call, group, role.owner);
    const { params, gitlab } = call;
    if (params.flag("permanently_remove") === true) {
      if (group.markedForDeletionOn === null) return refuse(400, "Group must be marked for deletion first.");
      if (params.text("full_path") !== gitlab.groupPath(group)) {
        return refuse(400, "`full_path` is incorrect. You must enter the complete path for the subgroup.");
      }
      removeGroup(gitlab, group);
      return json({ message: "202 Accepted" }, 202);
    }
    if (group.markedForDeletionOn !== null) return refuse(400, "Group has been already marked for deletion");
    // Deletion comes later; until then the group is there by its id, and its path is free.
    group.markedForDeletionOn = gitlab.now().toISOString().slice(0, 10);
    group.path = `${group.path}-deletion_scheduled-${String(group.id)}`;
    return json({ message: "202 Accepted" }, 202);
  },
};

/** What a new group is made from. */
export interface NewGroup {
  readonly name: string;
  readonly path: string;
  readonly parentId: number | null;
  readonly description: string;
  readonly visibility: Visibility;
  readonly owner: UserRecord;
  readonly createdAt?: Date;
}

/** Adds a group; its creator becomes its owner. */
export function createGroup(gitlab: GitLabState, details: NewGroup): GroupRecord {
  const createdAt = details.createdAt ?? gitlab.now();
  const group: GroupRecord = {
    id: gitlab.nextId("namespace"),
    parentId: details.parentId,
    name: details.name,
    path: details.path,
    description: details.description,
    visibility: details.visibility,
    plan: undefined,
    settings: {},
    members: [],
    markedForDeletionOn: null,
    createdAt,
  };
  gitlab.groups.set(group.id, group);
  addMember(gitlab, group.members, details.owner.id, role.owner, details.owner.id, null, createdAt);
  return group;
}

function checkGroupName(name: string): void {
  if (/^[\p{L}\p{N}\p{Emoji}_][\p{L}\p{N}\p{Emoji}_.()\s-]*$/u.test(name) || name.trim() === "") return;
  refuse(
    400,
    `Failed to save group {name: ["can contain only letters, digits, emoji, '_', '.', dash, space, parenthesis. It must start with letter, digit, emoji or '_'."]}`,
  );
}

const openness: readonly Visibility[] = ["private", "internal", "public"];

/** A group is never less open than what is in it. */
function checkInside(gitlab: GitLabState, group: GroupRecord, visibility: Visibility): void {
  const more = (other: Visibility): boolean => openness.indexOf(other) > openness.indexOf(visibility);
  const projects = [...gitlab.projects.values()].some(
    (project) => gitlab.ancestry(project.namespaceId).includes(group) && more(project.visibility),
  );
  const groups = [...gitlab.groups.values()].some((other) => other.parentId === group.id && more(other.visibility));
  const reason = projects ? "this group contains projects" : "there are sub-groups";
  if (projects || groups) {
    refuse(400, {
      message: { visibility_level: [`${visibility} is not allowed since ${reason} with higher visibility.`] },
    });
  }
}

function mayCreateSubgroup(gitlab: GitLabState, user: UserRecord, parent: GroupRecord): boolean {
  const needed = parent.settings["subgroup_creation_level"] === "owner" ? role.owner : role.maintainer;
  return gitlab.groupRole(user, parent.id) >= needed;
}

function checkPath(gitlab: GitLabState, parent: GroupRecord | null, path: string): void {
  const full = parent === null ? path : `${gitlab.groupPath(parent)}/${path}`;
  const taken =
    gitlab.groupByPath(full) !== undefined ||
    gitlab.projectByPath(full) !== undefined ||
    (parent === null && gitlab.userByName(path) !== undefined);
  if (taken) refuse(400, `Failed to save group {path: ["has already been taken"]}`);
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(path) || /\.(?:git|atom)$/.test(path)) {
    refuse(
      400,
      `Failed to save group {path: ["can only include non-accented letters, digits, '_', '-' and '.'. It must not start with '-', '_', or '.', nor end with '-', '_', '.', '.git', or '.atom'."]}`,
    );
  }
}

/** Renames a group; the former paths of its projects lead to them from now on. */
function rename(gitlab: GitLabState, group: GroupRecord, path: string): void {
  const inside = [...gitlab.projects.values()].filter(({ namespaceId }) =>
    gitlab.ancestry(namespaceId).includes(group),
  );
  for (const project of inside) gitlab.formerPaths.set(gitlab.projectPath(project).toLowerCase(), project.id);
  group.path = path;
}

function removeGroup(gitlab: GitLabState, group: GroupRecord): void {
  for (const project of [...gitlab.projects.values()]) {
    if (gitlab.ancestry(project.namespaceId).includes(group)) removeProject(gitlab, project);
  }
  for (const other of [...gitlab.groups.values()]) {
    if (other !== group && gitlab.ancestry(other.id).includes(group)) gitlab.groups.delete(other.id);
  }
  gitlab.groups.delete(group.id);
}

function groupTests({ gitlab, params, user }: Call): ((group: GroupRecord) => boolean)[] {
  const tests: ((group: GroupRecord) => boolean)[] = [];
  const level = (group: GroupRecord): number =>
    user === undefined ? 0 : gitlab.groupRole({ ...user, admin: false }, group.id);
  const search = params.text("search")?.toLowerCase();
  if (search !== undefined) {
    tests.push((group) => `${group.name} ${gitlab.groupPath(group)}`.toLowerCase().includes(search));
  }
  const skip = params.list("skip_groups").map(Number);
  if (skip.length > 0) tests.push(({ id }) => !skip.includes(id));
  if (params.flag("owned") === true) tests.push((group) => level(group) >= role.owner);
  if (params.flag("all_available") === false) tests.push((group) => level(group) > 0);
  const least = params.integer("min_access_level");
  if (least !== undefined) tests.push((group) => level(group) >= least);
  if (params.flag("top_level_only") === true) tests.push(({ parentId }) => parentId === null);
  const visibility = params.text("visibility");
  if (visibility !== undefined) tests.push((group) => group.visibility === visibility);
  const active = params.flag("active");
  if (active !== undefined) tests.push(({ markedForDeletionOn }) => (markedForDeletionOn === null) === active);
  if (params.flag("archived") === true) tests.push(() => false);
  return tests;
}

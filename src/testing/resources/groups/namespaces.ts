import { requireUser } from "../../server/access.js";
import { avatarUrl } from "../users/user-entity.js";
import { json, list, notFound, type Call, type Handlers } from "../../server/handler.js";
import { role, type GroupRecord } from "../../state/records.js";
import type { GitLabState } from "../../state/gitlab-state.js";

/** Namespaces: everybody's own, and groups. */
export const namespaceHandlers: Handlers = {
  getApiV4Namespaces: (call) => {
    const me = requireUser(call);
    const { params, gitlab } = call;
    const owned = params.flag("owned_only") === true;
    const topLevel = params.flag("top_level_only") === true;
    const groups = [...gitlab.groups.values()].filter((group) => {
      if (topLevel && group.parentId !== null) return false;
      return gitlab.groupRole(me, group.id) >= (owned ? role.owner : role.guest);
    });
    const search = params.text("search")?.toLowerCase();
    const full = params.flag("full_path_search") === true;
    const ids = [me.namespaceId, ...groups.map(({ id }) => id)].filter((id) => {
      if (search === undefined) return true;
      const path = gitlab.namespacePath(id).toLowerCase();
      const last = path.split("/").at(-1) ?? path;
      return (full ? path : `${last} ${gitlab.namespaceName(id).toLowerCase()}`).includes(search);
    });
    return list(ids, (id) => namespaceEntity(call, id));
  },

  "GET /namespaces/{id}": (call) => {
    const me = requireUser(call);
    const { gitlab } = call;
    const idOrPath = call.path["id"] ?? "";
    const group = gitlab.groupAt(idOrPath);
    if (group !== undefined && gitlab.canSeeGroup(me, group)) return json(namespaceEntity(call, group.id));
    const own = idOrPath === String(me.namespaceId) || idOrPath.toLowerCase() === me.username.toLowerCase();
    return own ? json(namespaceEntity(call, me.namespaceId)) : notFound("Namespace");
  },
};

/** A namespace as other entities carry it. */
export function namespaceBasic(gitlab: GitLabState, id: number): Record<string, unknown> {
  const group = gitlab.groups.get(id);
  const owner = gitlab.namespaceOwner(id);
  const fullPath = gitlab.namespacePath(id);
  return {
    id,
    name: group?.name ?? owner?.name ?? "",
    path: group?.path ?? owner?.username ?? "",
    kind: group === undefined ? "user" : "group",
    full_path: fullPath,
    parent_id: group?.parentId ?? null,
    avatar_url: owner === undefined ? null : avatarUrl(owner),
    web_url: group === undefined ? `${gitlab.baseUrl}/${fullPath}` : `${gitlab.baseUrl}/groups/${fullPath}`,
  };
}

function namespaceEntity({ gitlab, user }: Call, id: number): Record<string, unknown> {
  const group = gitlab.groups.get(id);
  const administers = group === undefined || gitlab.groupRole(user, id) >= role.owner;
  const projects = [...gitlab.projects.values()].filter(({ namespaceId }) => namespaceId === id);
  const plan = group === undefined ? "free" : (gitlab.ancestry(id).at(-1)?.plan ?? gitlab.plan);
  const hosted = gitlab.instance === "gitlab.com";
  return {
    ...namespaceBasic(gitlab, id),
    ...(administers
      ? {
          members_count_with_descendants: group === undefined ? 1 : countMembers(gitlab, group),
          root_repository_size: projects.reduce((sum, { repository }) => sum + repository.commitCount * 4096, 0),
          projects_count: projects.length,
          shared_runners_minutes_limit: null,
          extra_shared_runners_minutes_limit: null,
          additional_purchased_storage_size: 0,
          additional_purchased_storage_ends_on: null,
          billable_members_count: group === undefined ? 1 : countMembers(gitlab, group),
        }
      : {}),
    // Only owners are told the plan, and only GitLab.com has plans of namespaces; elsewhere the instance has a licence.
    ...(administers ? { plan: hosted ? plan : "default", end_date: null } : {}),
    ...(administers && hosted ? { seats_in_use: 0, max_seats_used: 0, max_seats_used_changed_at: null } : {}),
    trial: false,
    trial_ends_on: null,
  };
}

function countMembers(gitlab: GitLabState, group: GroupRecord): number {
  const inside = [...gitlab.groups.values()].filter(({ id }) => gitlab.ancestry(id).includes(group));
  return new Set(inside.flatMap(({ members }) => members.map(({ userId }) => userId))).size;
}

import { requireUser } from "./access.js";
import { avatarUrl } from "./user-entity.js";
import { json, list, notFound, type Call, type Handlers } from "./handler.js";
import { role, type GroupRecord } from "./records.js";
import type { World } from "./world.js";

/** Namespaces: everybody's own, and groups. */
export const namespaceHandlers: Handlers = {
  getApiV4Namespaces: (call) => {
    const me = requireUser(call);
    const { params, world } = call;
    const owned = params.flag("owned_only") === true;
    const topLevel = params.flag("top_level_only") === true;
    const groups = [...world.groups.values()].filter((group) => {
      if (topLevel && group.parentId !== null) return false;
      return world.groupRole(me, group.id) >= (owned ? role.owner : role.guest);
    });
    const search = params.text("search")?.toLowerCase();
    const full = params.flag("full_path_search") === true;
    const ids = [me.namespaceId, ...groups.map(({ id }) => id)].filter((id) => {
      if (search === undefined) return true;
      const path = world.namespacePath(id).toLowerCase();
      const last = path.split("/").at(-1) ?? path;
      return (full ? path : `${last} ${world.namespaceName(id).toLowerCase()}`).includes(search);
    });
    return list(ids, (id) => namespaceEntity(call, id));
  },

  getApiV4NamespacesId: (call) => {
    const me = requireUser(call);
    const { world } = call;
    const wanted = call.path["id"] ?? "";
    const group = /^\d+$/.test(wanted) ? world.groups.get(Number(wanted)) : world.groupByPath(wanted);
    if (group !== undefined && world.canSeeGroup(me, group)) return json(namespaceEntity(call, group.id));
    const own = wanted === String(me.namespaceId) || wanted.toLowerCase() === me.username.toLowerCase();
    return own ? json(namespaceEntity(call, me.namespaceId)) : notFound("Namespace");
  },
};

/** A namespace as other entities carry it. */
export function namespaceBasic(world: World, id: number): Record<string, unknown> {
  const group = world.groups.get(id);
  const owner = world.namespaceOwner(id);
  const fullPath = world.namespacePath(id);
  return {
    id,
    name: group?.name ?? owner?.name ?? "",
    path: group?.path ?? owner?.username ?? "",
    kind: group === undefined ? "user" : "group",
    full_path: fullPath,
    parent_id: group?.parentId ?? null,
    avatar_url: owner === undefined ? null : avatarUrl(owner),
    web_url: group === undefined ? `${world.baseUrl}/${fullPath}` : `${world.baseUrl}/groups/${fullPath}`,
  };
}

function namespaceEntity({ world, user }: Call, id: number): Record<string, unknown> {
  const group = world.groups.get(id);
  const administers = group === undefined || world.groupRole(user, id) >= role.owner;
  const projects = [...world.projects.values()].filter(({ namespaceId }) => namespaceId === id);
  const plan = group === undefined ? "free" : (world.ancestry(id).at(-1)?.plan ?? world.plan);
  const hosted = world.instance === "gitlab.com";
  return {
    ...namespaceBasic(world, id),
    ...(administers
      ? {
          members_count_with_descendants: group === undefined ? 1 : countMembers(world, group),
          root_repository_size: projects.reduce((sum, { repository }) => sum + repository.commitCount * 4096, 0),
          projects_count: projects.length,
          shared_runners_minutes_limit: null,
          extra_shared_runners_minutes_limit: null,
          additional_purchased_storage_size: 0,
          additional_purchased_storage_ends_on: null,
          billable_members_count: group === undefined ? 1 : countMembers(world, group),
        }
      : {}),
    // Only owners are told the plan, and only GitLab.com has plans of namespaces; elsewhere the instance has a licence.
    ...(administers ? { plan: hosted ? plan : "default", end_date: null } : {}),
    ...(administers && hosted ? { seats_in_use: 0, max_seats_used: 0, max_seats_used_changed_at: null } : {}),
    trial: false,
    trial_ends_on: null,
  };
}

function countMembers(world: World, group: GroupRecord): number {
  const inside = [...world.groups.values()].filter(({ id }) => world.ancestry(id).includes(group));
  return new Set(inside.flatMap(({ members }) => members.map(({ userId }) => userId))).size;
}

import { findGroup, findProject, requireGroupRole, requireRole, requireUser } from "../../server/access.js";
import {
  created,
  empty,
  forbidden,
  invalid,
  json,
  list,
  notFound,
  refuse,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import { addMember, memberEntity } from "./member-entity.js";
import { role, type MemberRecord, type UserRecord } from "../../state/records.js";

/** Where people can be members, and what the caller may do about it. */
interface Membership {
  readonly members: MemberRecord[];
  readonly level: (user: UserRecord) => number;
  /** The role that comes from the groups above. */
  readonly inherited: (user: UserRecord) => number;
}

/**
 * Members of projects and of groups; only direct ones are listed. By hand, not declared: roles are inherited from the
 * groups above, nobody gives a higher one than their own, and the last owner stays.
 */
export const memberHandlers: Handlers = {
  getApiV4ProjectsIdMembers: (call) => listMembers(call, findProject(call).members),
  getApiV4GroupsIdMembers: (call) => listMembers(call, findGroup(call).members),

  postApiV4ProjectsIdMembers: (call) => {
    const project = findProject(call);
    requireRole(call, project, role.maintainer);
    return add(call, projectMembership(call));
  },
  postApiV4GroupsIdMembers: (call) => {
    const group = findGroup(call);
    requireGroupRole(call, group, role.owner);
    return add(call, groupMembership(call));
  },

  deleteApiV4ProjectsIdMembersUserId: (call) => remove(call, projectMembership(call), role.maintainer),
  deleteApiV4GroupsIdMembersUserId: (call) => remove(call, groupMembership(call), role.owner),

  "GET /projects/{id}/members/all/{user_id}": (call) => {
    const project = findProject(call);
    return effective(call, projectMembership(call), [
      ...project.members,
      ...call.gitlab.ancestry(project.namespaceId).flatMap(({ members }) => members),
    ]);
  },
  "GET /groups/{id}/members/all/{user_id}": (call) =>
    effective(
      call,
      groupMembership(call),
      call.gitlab.ancestry(findGroup(call).id).flatMap(({ members }) => members),
    ),
};

function projectMembership(call: Call): Membership {
  const project = findProject(call);
  return {
    members: project.members,
    level: (user) => call.gitlab.projectRole(user, project),
    inherited: (user) => call.gitlab.groupRole(user, project.namespaceId),
  };
}

function groupMembership(call: Call): Membership {
  const group = findGroup(call);
  return {
    members: group.members,
    level: (user) => call.gitlab.groupRole(user, group.id),
    inherited: (user) => (group.parentId === null ? 0 : call.gitlab.groupRole(user, group.parentId)),
  };
}

function listMembers(call: Call, members: readonly MemberRecord[]): ReturnType<typeof list> {
  const { params, gitlab } = call;
  const query = params.text("query")?.toLowerCase();
  const only = params.list("user_ids").map(Number);
  const skip = params.list("skip_users").map(Number);
  const found = members.filter(({ userId }) => {
    const user = gitlab.user(userId);
    if (only.length > 0 && !only.includes(userId)) return false;
    if (skip.includes(userId)) return false;
    return query === undefined || `${user.name} ${user.username}`.toLowerCase().includes(query);
  });
  return list(found, (member) => memberEntity(gitlab, member));
}

function add(call: Call, membership: Membership): ReturnType<typeof json> {
  const me = requireUser(call);
  const { params, gitlab } = call;
  const ids = params.list("user_id");
  const username = params.text("username");
  if (ids.length > 0 && username !== undefined) refuse(400, { error: "user_id, username are mutually exclusive" });
  if (ids.length === 0 && username === undefined) {
    refuse(400, { error: "user_id, username are missing, exactly one parameter must be provided" });
  }
  const level = params.integer("access_level") ?? 0;
  if (![5, 10, 15, 20, 25, 30, 40, 50].includes(level)) invalid({ access_level: ["is not included in the list"] });
  if (level > membership.level(me)) forbidden();
  const users = username === undefined ? ids.map((id) => gitlab.users.get(Number(id))) : [gitlab.userByName(username)];
  const expiresAt = params.text("expires_at")?.slice(0, 10) ?? null;
  const made = users.map((user) => {
    if (user === undefined) return notFound("User");
    if (membership.members.some(({ userId }) => userId === user.id)) refuse(409, "Member already exists");
    const inherited = user.admin ? 0 : membership.inherited(user);
    if (inherited > level) {
      invalid({ access_level: ["should be greater than or equal to the inherited membership's"] });
    }
    return addMember(gitlab, membership.members, user.id, level, me.id, expiresAt);
  });
  const [first] = made;
  // For several people at once GitLab answers a summary.
  return made.length > 1 || first === undefined ? created({ status: "success" }) : created(memberEntity(gitlab, first));
}

function remove(call: Call, membership: Membership, needed: number): ReturnType<typeof empty> {
  const me = requireUser(call);
  const memberId = Number(call.path["user_id"]);
  const index = membership.members.findIndex(({ userId }) => userId === memberId);
  const member = membership.members[index];
  if (member === undefined) return notFound();
  // People may leave by themselves.
  const mine = membership.level(me);
  if (memberId !== me.id && (mine < needed || mine < member.accessLevel)) forbidden();
  const owners = membership.members.filter(({ accessLevel }) => accessLevel === role.owner);
  if (needed === role.owner && owners.length === 1 && owners[0] === member) forbidden();
  membership.members.splice(index, 1);
  return empty();
}

function effective(call: Call, membership: Membership, members: readonly MemberRecord[]): ReturnType<typeof json> {
  const user = call.gitlab.users.get(Number(call.path["user_id"])) ?? notFound();
  const best = members.filter(({ userId }) => userId === user.id).sort((a, b) => b.accessLevel - a.accessLevel)[0];
  if (best === undefined || membership.level(user) === 0) return notFound();
  return json(memberEntity(call.gitlab, best));
}

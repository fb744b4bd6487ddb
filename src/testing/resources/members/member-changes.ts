import { findGroup, findProject, requireUser } from "../../server/access.js";
import {
  forbidden,
  invalid,
  json,
  list,
  notFound,
  type Answer,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import { role, type MemberRecord, type UserRecord } from "../../state/records.js";
import { userBasic } from "../users/user-entity.js";
import { memberEntity } from "./member-entity.js";

interface Place {
  readonly own: MemberRecord[];
  /** Direct members and those of the groups above. */
  readonly all: readonly MemberRecord[];
  readonly level: (user: UserRecord) => number;
}

function projectPlace(call: Call): Place {
  const project = findProject(call);
  const { gitlab } = call;
  const above = gitlab.ancestry(project.namespaceId).flatMap(({ members }) => members);
  return {
    own: project.members,
    all: [...project.members, ...above],
    level: (user) => gitlab.projectRole(user, project),
  };
}

function groupPlace(call: Call): Place {
  const group = findGroup(call);
  const { gitlab } = call;
  const all = gitlab.ancestry(group.id).flatMap(({ members }) => members);
  return { own: group.members, all, level: (user) => gitlab.groupRole(user, group.id) };
}

/** Every person once, with the highest role that they have. */
function highest(members: readonly MemberRecord[]): MemberRecord[] {
  const best = new Map<number, MemberRecord>();
  for (const member of members) {
    const known = best.get(member.userId);
    if (known === undefined || member.accessLevel > known.accessLevel) best.set(member.userId, member);
  }
  return [...best.values()];
}

function listAll(call: Call, { all }: Place): Answer {
  const query = call.params.text("query")?.toLowerCase() ?? "";
  const only = call.params.list("user_ids").map(Number);
  const found = highest(all).filter(({ userId }) => {
    const { name, username } = call.gitlab.user(userId);
    return (only.length === 0 || only.includes(userId)) && `${name} ${username}`.toLowerCase().includes(query);
  });
  return list(found, (member) => memberEntity(call.gitlab, member));
}

const findMember = (call: Call, { own }: Place): MemberRecord =>
  own.find(({ userId }) => userId === Number(call.path["user_id"])) ?? notFound();

function change(call: Call, place: Place, needed: number): Answer {
  const me = requireUser(call);
  const mine = place.level(me);
  if (mine < needed) forbidden();
  const member = findMember(call, place);
  const level = call.params.integer("access_level") ?? member.accessLevel;
  if (![5, 10, 15, 20, 25, 30, 40, 50].includes(level)) invalid({ access_level: ["is not included in the list"] });
  if (level > mine || member.accessLevel > mine) forbidden();
  member.accessLevel = level;
  if (call.params.sent("expires_at")) member.expiresAt = call.params.text("expires_at")?.slice(0, 10) ?? null;
  return json(memberEntity(call.gitlab, member));
}

/** Members one by one, with inherited ones, and changes of their roles; by hand as in members.ts. */
export const memberChangeHandlers: Handlers = {
  "GET /projects/{id}/members/all": (call) => listAll(call, projectPlace(call)),
  "GET /groups/{id}/members/all": (call) => listAll(call, groupPlace(call)),
  "GET /projects/{id}/members/{user_id}": (call) =>
    json(memberEntity(call.gitlab, findMember(call, projectPlace(call)))),
  "GET /groups/{id}/members/{user_id}": (call) => json(memberEntity(call.gitlab, findMember(call, groupPlace(call)))),
  "PUT /projects/{id}/members/{user_id}": (call) => change(call, projectPlace(call), role.maintainer),
  "PUT /groups/{id}/members/{user_id}": (call) => change(call, groupPlace(call), role.owner),
  "GET /projects/{id}/users": (call) => {
    const search = call.params.text("search")?.toLowerCase() ?? "";
    const people = highest(projectPlace(call).all).map(({ userId }) => call.gitlab.user(userId));
    const found = people.filter(({ name, username }) => `${name} ${username}`.toLowerCase().includes(search));
    return list(found, (user) => userBasic(call.gitlab, user));
  },
};

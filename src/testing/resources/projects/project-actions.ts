import { findGroup, findProject, requireGroupRole, requireRole, requireUser } from "../../server/access.js";
import {
  created,
  empty,
  forbidden,
  json,
  list,
  notFound,
  refuse,
  type Answer,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import { role } from "../../state/records.js";
import { createUser } from "../users/user-accounts.js";
import { userForAdmins } from "../users/user-entity.js";
import { groupEntity } from "../groups/group-entity.js";
import { checkProjectPath, requireNamespace } from "./project-creation.js";
import { projectEntity } from "./project-entity.js";

const archive =
  (archived: boolean) =>
  (call: Call): Answer => {
    const project = findProject(call);
    requireRole(call, project, role.owner);
    project.archived = archived;
    return created(projectEntity(call.gitlab, project, call.user));
  };

const requireAdmin = (call: Call): void => {
  if (!requireUser(call).admin) forbidden();
};

const blocked =
  (state: "blocked" | "active") =>
  (call: Call): Answer => {
    requireAdmin(call);
    const user = call.gitlab.users.get(Number(call.path["id"])) ?? notFound("User");
    if (user === call.user) forbidden("The API initiating user cannot be blocked by the API");
    user.state = state;
    return json(true, 201);
  };

/** Single things of a project and of people that have more to them than a list. */
export const projectActionHandlers: Handlers = {
  "POST /projects/{id}/archive": archive(true),
  "POST /projects/{id}/unarchive": archive(false),
  "DELETE /projects/{id}/fork": (call) => {
    const project = findProject(call);
    requireRole(call, project, role.owner);
    if (project.forkedFromId === null) return empty(304);
    Object.assign(project, { forkedFromId: null });
    return empty();
  },
  "PUT /projects/{id}/transfer": (call) => {
    const project = findProject(call);
    const me = requireRole(call, project, role.owner);
    const namespaceId = requireNamespace(call, me, call.params.text("namespace"));
    checkProjectPath(call.gitlab, namespaceId, project.path, project);
    call.gitlab.formerPaths.set(call.gitlab.projectPath(project).toLowerCase(), project.id);
    Object.assign(project, { namespaceId });
    return json(projectEntity(call.gitlab, project, me));
  },
  "GET /groups/{id}/subgroups": (call) => {
    const group = findGroup(call);
    const found = [...call.gitlab.groups.values()].filter(
      (one) => one.parentId === group.id && call.gitlab.canSeeGroup(call.user, one),
    );
    return list(found, (one) => groupEntity(call.gitlab, one));
  },
  "POST /groups/{id}/transfer": (call) => {
    const group = findGroup(call);
    requireGroupRole(call, group, role.owner);
    const groupId = call.params.integer("group_id");
    const parent = groupId === undefined ? undefined : (call.gitlab.groups.get(groupId) ?? notFound("Group"));
    if (parent !== undefined) requireGroupRole(call, parent, role.owner);
    Object.assign(group, { parentId: parent?.id ?? null });
    return created(groupEntity(call.gitlab, group));
  },
  "POST /users": (call) => {
    requireAdmin(call);
    const { params, gitlab } = call;
    const username = params.text("username") ?? "";
    const email = params.text("email") ?? "";
    if (gitlab.userByName(username) !== undefined) refuse(409, "Username has already been taken");
    if ([...gitlab.users.values()].some((user) => user.email === email)) refuse(409, "Email has already been taken");
    const user = createUser(gitlab, { username, name: params.text("name"), admin: params.flag("admin") });
    user.email = email;
    return created(userForAdmins(gitlab, user));
  },
  "PUT /users/{id}": (call) => {
    requireAdmin(call);
    const user = call.gitlab.users.get(Number(call.path["id"])) ?? notFound("User");
    const { params } = call;
    Object.assign(user, {
      name: params.text("name") ?? user.name,
      bio: params.text("bio") ?? user.bio,
      location: params.text("location") ?? user.location,
      email: params.text("email") ?? user.email,
      username: params.text("username") ?? user.username,
      admin: params.flag("admin") ?? user.admin,
      updatedAt: call.gitlab.now(),
    });
    return json(userForAdmins(call.gitlab, user));
  },
  "DELETE /users/{id}": (call) => {
    requireAdmin(call);
    const user = call.gitlab.users.get(Number(call.path["id"])) ?? notFound("User");
    // What somebody wrote stays, as GitLab's ghost user's.
    user.state = "deactivated";
    return empty();
  },
  "POST /users/{id}/block": blocked("blocked"),
  "POST /users/{id}/unblock": blocked("active"),
};

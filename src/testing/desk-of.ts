import type { Desk } from "./desk.js";
import { forbidden, type Call } from "./handler.js";
import { role, type ProjectRecord } from "./records.js";
import { userBasic } from "./user-entity.js";
import type { World } from "./world.js";

/** Where the caller works in a project. Archived projects can only be read. */
export function deskOf(call: Call, project: ProjectRecord): Desk {
  if (project.archived && call.method !== "GET") forbidden();
  return deskFor(call.world, project, call.user?.id ?? 0);
}

/** Where somebody works in a project, outside of any request. */
export function deskFor(world: World, project: ProjectRecord, me: number, now = world.now()): Desk {
  const user = world.users.get(me);
  return {
    world,
    project,
    planning: world.planning,
    now,
    projectId: project.id,
    fullPath: world.projectPath(project),
    webUrl: world.projectUrl(project),
    apiUrl: world.apiUrl(`/projects/${String(project.id)}`),
    me,
    level: world.projectRole(user, project),
    premium: world.planOf(project) !== "free",
    userId: (username) => world.userByName(username)?.id,
    username: (id) => world.user(id).username,
    isMember: (id) => {
      const person = world.users.get(id);
      return person !== undefined && world.projectRole(person, project) >= role.guest;
    },
    person: (id) => ({ ...userBasic(world, world.user(id)) }),
  };
}

import type { ProjectContext } from "./project-context.js";
import { forbidden, type Call } from "../server/handler.js";
import { role, type ProjectRecord } from "./records.js";
import { userBasic } from "../resources/users/user-entity.js";
import type { GitLabState } from "./gitlab-state.js";

/** Where the caller works in a project. Archived projects can only be read. */
export function contextOf(call: Call, project: ProjectRecord): ProjectContext {
  if (project.archived && call.method !== "GET") forbidden();
  return contextFor(call.gitlab, project, call.user?.id ?? 0);
}

/** Where somebody works in a project, outside of any request. */
export function contextFor(
  gitlab: GitLabState,
  project: ProjectRecord,
  me: number,
  now = gitlab.now(),
): ProjectContext {
  const user = gitlab.users.get(me);
  return {
    gitlab,
    project,
    planning: gitlab.planning,
    now,
    projectId: project.id,
    fullPath: gitlab.projectPath(project),
    webUrl: gitlab.projectUrl(project),
    apiUrl: gitlab.apiUrl(`/projects/${String(project.id)}`),
    me,
    level: gitlab.projectRole(user, project),
    premium: gitlab.planOf(project) !== "free",
    userId: (username) => gitlab.userByName(username)?.id,
    username: (id) => gitlab.user(id).username,
    isMember: (id) => {
      const person = gitlab.users.get(id);
      return person !== undefined && gitlab.projectRole(person, project) >= role.guest;
    },
    person: (id) => ({ ...userBasic(gitlab, gitlab.user(id)) }),
  };
}

import { findProject, requireUser } from "../../server/access.js";
import { created, empty, type Handlers } from "../../server/handler.js";
import { projectEntity } from "./project-entity.js";

/** Stars: what is so already is answered with 304 and without a body. */
export const starHandlers: Handlers = {
  postApiV4ProjectsIdStar: (call) => {
    const project = findProject(call);
    const me = requireUser(call);
    if (project.starredBy.has(me.id)) return empty(304);
    project.starredBy.add(me.id);
    return created(projectEntity(call.gitlab, project, me));
  },

  postApiV4ProjectsIdUnstar: (call) => {
    const project = findProject(call);
    const me = requireUser(call);
    if (!project.starredBy.delete(me.id)) return empty(304);
    return created(projectEntity(call.gitlab, project, me));
  },
};

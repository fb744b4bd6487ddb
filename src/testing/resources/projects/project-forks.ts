import { findProject, requireCode, requireUser } from "../../server/access.js";
import { created, forbidden, refuse, type Handlers } from "../../server/handler.js";
import { createProject, isVisibility, requireNamespace } from "./project-creation.js";
import { projectEntity } from "./project-entity.js";
import { role } from "../../state/records.js";

/** Forks: a project of one's own with the same commits. */
export const forkHandlers: Handlers = {
  postApiV4ProjectsIdFork: (call) => {
    const source = findProject(call);
    requireCode(call, source);
    const me = requireUser(call);
    const { params, gitlab } = call;
    const access = source.settings["forking_access_level"];
    if (access === "disabled" || (access === "private" && gitlab.projectRole(me, source) < role.guest))
      return forbidden();
    const namespace = params.text("namespace_id") ?? params.text("namespace_path") ?? params.text("namespace");
    const namespaceId = requireNamespace(call, me, namespace);
    const path = params.text("path") ?? source.path;
    const name = params.text("name") ?? source.name;
    if (gitlab.projectByPath(`${gitlab.namespacePath(namespaceId)}/${path}`) !== undefined) {
      return refuse(409, {
        message: [
          "Project namespace name has already been taken",
          "Name has already been taken",
          "Path has already been taken",
        ],
      });
    }
    const branches = params.has("branches") ? [params.text("branches") ?? ""] : undefined;
    const visibility = params.text("visibility");
    const fork = createProject(gitlab, {
      name,
      path,
      namespaceId,
      creator: me,
      visibility: isVisibility(visibility) ? visibility : source.visibility,
      description: params.text("description") ?? source.description,
      repository: source.repository.fork(branches),
      forkedFromId: source.id,
    });
    Object.assign(fork.settings, source.settings, {
      mr_default_target_self: params.flag("mr_default_target_self") ?? false,
    });
    return created(projectEntity(gitlab, fork, me));
  },
};

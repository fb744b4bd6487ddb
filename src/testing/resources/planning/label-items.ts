import { findProject, requireRole } from "../../server/access.js";
import { empty, invalid, json, notFound, refuse, type Answer, type Call, type Handlers } from "../../server/handler.js";
import { contextOf } from "../../state/context-of.js";
import type { LabelRecord } from "../../state/issuable-records.js";
import type { ProjectContext } from "../../state/project-context.js";
import { role } from "../../state/records.js";
import { labelEntity } from "./planning-entities.js";

const changeable = ["new_name", "color", "description", "priority", "archived"];

function open(call: Call, write: boolean): { context: ProjectContext; label: LabelRecord } {
  const project = findProject(call);
  if (write) requireRole(call, project, role.planner);
  const context = contextOf(call, project);
  const nameOrId = call.path["name"] ?? call.params.text("label_id") ?? call.params.text("name");
  const label = context.planning
    .labelsOf(project.id)
    .find(({ id, name }) => name === nameOrId || String(id) === nameOrId);
  return { context, label: label ?? notFound("Label") };
}

function change(call: Call): Answer {
  const { context, label } = open(call, true);
  const { params } = call;
  if (!changeable.some((name) => params.sent(name))) {
    refuse(400, { error: `${changeable.join(", ")} are missing, at least one parameter must be provided` });
  }
  const color = params.text("color") ?? label.color;
  if (!/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(color) && !/^[a-z]+$/i.test(color)) {
    invalid({ color: ["must be a valid color code"] });
  }
  const name = params.text("new_name") ?? label.name;
  if (name !== label.name) {
    if (context.planning.labelsOf(context.projectId).some((other) => other.name === name)) {
      invalid({ title: ["has already been taken"] });
    }
    for (const item of [...context.planning.issues, ...context.planning.mergeRequests]) {
      if (item.projectId !== context.projectId) continue;
      item.labels = item.labels.map((known) => (known === label.name ? name : known));
    }
  }
  label.name = name;
  label.color = color;
  if (params.sent("description")) label.description = params.text("description") ?? null;
  if (params.sent("priority")) label.priority = params.integer("priority") ?? null;
  label.archived = params.flag("archived") ?? label.archived;
  return json(labelEntity(context, label, true));
}

function remove(call: Call): Answer {
  const { context, label } = open(call, true);
  const { labels, issues, mergeRequests } = context.planning;
  labels.splice(labels.indexOf(label), 1);
  for (const item of [...issues, ...mergeRequests]) {
    if (item.projectId === context.projectId) item.labels = item.labels.filter((name) => name !== label.name);
  }
  return empty();
}

/** One label, by its name or its id; by hand as the list of them is (labels.ts). */
export const labelItemHandlers: Handlers = {
  "GET /projects/{id}/labels/{name}": (call) => {
    const { context, label } = open(call, false);
    return json(labelEntity(context, label, true));
  },
  "PUT /projects/{id}/labels/{name}": change,
  "PUT /projects/{id}/labels": change,
  "DELETE /projects/{id}/labels/{name}": remove,
  "DELETE /projects/{id}/labels": remove,
};

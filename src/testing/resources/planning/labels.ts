import { findProject, requireRole } from "../../server/access.js";
import { contextOf } from "../../state/context-of.js";
import { created, invalid, list, refuse, type Handlers } from "../../server/handler.js";
import { labelEntity } from "./planning-entities.js";
import { role } from "../../state/records.js";

const colorNames: Readonly<Record<string, string>> = {
  black: "#000000",
  blue: "#0000FF",
  gray: "#808080",
  green: "#008000",
  magenta: "#FF00FF",
  navy: "#000080",
  orange: "#FFA500",
  purple: "#800080",
  red: "#FF0000",
  teal: "#008080",
  white: "#FFFFFF",
  yellow: "#FFFF00",
};

/**
 * Labels of a project. By hand, not declared: issues and merge requests hold them by name, so that a rename or a delete
 * reaches into those, and they lie as typed records in `emulator.state.planning`, which tests read.
 */
export const labelHandlers: Handlers = {
  getApiV4ProjectsIdLabels: (call) => {
    const project = findProject(call);
    const context = contextOf(call, project);
    const search = call.params.text("search")?.toLowerCase() ?? "";
    const archived = call.params.flag("archived");
    const labels = context.planning
      .labelsOf(project.id)
      .filter((label) => `${label.name}\n${label.description ?? ""}`.toLowerCase().includes(search))
      .filter((label) => archived === undefined || label.archived === archived)
      .sort((a, b) => a.name.localeCompare(b.name));
    const withCounts = call.params.flag("with_counts") ?? false;
    return list(labels, (label) => labelEntity(context, label, withCounts));
  },

  postApiV4ProjectsIdLabels: (call) => {
    const project = findProject(call);
    requireRole(call, project, role.planner);
    const context = contextOf(call, project);
    const name = call.params.text("name")?.trim() ?? "";
    const written = call.params.text("color") ?? "";
    const color = colorNames[written.toLowerCase()] ?? written;
    if (context.planning.labelsOf(project.id).some((label) => label.name === name)) refuse(409, "Label already exists");
    if (name === "" || name.includes(",")) invalid({ title: [name === "" ? "can't be blank" : "is invalid"] });
    if (name.length > 255) invalid({ title: ["is too long (maximum is 255 characters)"] });
    if (!/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(color)) invalid({ color: ["must be a valid color code"] });
    const priority = call.params.integer("priority") ?? null;
    if (priority !== null && priority < 0) invalid({ priority: ["must be greater than or equal to 0"] });
    const label = {
      id: context.planning.nextId("label"),
      projectId: project.id,
      name,
      color: color.length === 4 ? color.replace(/[0-9a-f]/gi, "$&$&") : color,
      description: call.params.text("description") ?? null,
      priority,
      archived: call.params.flag("archived") ?? false,
    };
    context.planning.labels.push(label);
    return created(labelEntity(context, label, true));
  },
};

import { findProject, requireRole } from "../../server/access.js";
import { contextOf } from "../../state/context-of.js";
import {
  created,
  empty,
  invalid,
  json,
  list,
  notFound,
  refuse,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import type { MilestoneRecord } from "../../state/issuable-records.js";
import { milestoneEntity } from "./planning-entities.js";
import { role, type ProjectRecord } from "../../state/records.js";

function findMilestone(call: Call, project: ProjectRecord): MilestoneRecord {
  const id = Number(call.path["milestone_id"]);
  const milestone = call.gitlab.planning.milestonesOf(project.id).find((candidate) => candidate.id === id);
  return milestone ?? notFound();
}

/** A date as sent; an empty text or null clears it. */
function dateOf(call: Call, name: string, before: string | null): string | null {
  if (!call.params.sent(name)) return before;
  const value = call.params.text(name) ?? "";
  return /^\d{4}-\d{2}-\d{2}/.test(value) ? value.slice(0, 10) : null;
}

function check(
  call: Call,
  milestone: Pick<MilestoneRecord, "id" | "projectId" | "title" | "dueDate" | "startDate">,
): void {
  if (milestone.title.trim() === "") invalid({ title: ["can't be blank"] });
  const others = call.gitlab.planning.milestonesOf(milestone.projectId).filter(({ id }) => id !== milestone.id);
  if (others.some(({ title }) => title === milestone.title)) {
    invalid({ title: ["already being used for another group or project milestone."] });
  }
  const { startDate, dueDate } = milestone;
  if (startDate !== null && dueDate !== null && startDate > dueDate) {
    invalid({ due_date: ["must be greater than start date"] });
  }
}

/**
 * Milestones of a project, addressed by their global id. By hand, not declared: they are typed records in
 * `emulator.state.planning`, which issues, releases and GraphQL read by id, and a delete empties the field in all of those.
 */
export const milestoneHandlers: Handlers = {
  getApiV4ProjectsIdMilestones: (call) => {
    const project = findProject(call);
    const context = contextOf(call, project);
    const { params } = call;
    const state = params.text("state") ?? "all";
    const title = params.text("title");
    const search = params.text("search")?.toLowerCase() ?? "";
    const iids = params.list("iids").map(Number);
    const after = Date.parse(params.text("updated_after") ?? "");
    const before = Date.parse(params.text("updated_before") ?? "");
    const milestones = context.planning
      .milestonesOf(project.id)
      .filter((milestone) => state === "all" || milestone.state === state)
      .filter((milestone) => title === undefined || milestone.title === title)
      .filter((milestone) => `${milestone.title}\n${milestone.description}`.toLowerCase().includes(search))
      .filter((milestone) => iids.length === 0 || iids.includes(milestone.iid))
      .filter((milestone) => Number.isNaN(after) || milestone.updatedAt.getTime() >= after)
      .filter((milestone) => Number.isNaN(before) || milestone.updatedAt.getTime() <= before)
      .sort((a, b) => b.id - a.id);
    return list(milestones, (milestone) => milestoneEntity(context, milestone));
  },

  getApiV4ProjectsIdMilestonesMilestoneId: (call) => {
    const project = findProject(call);
    return json(milestoneEntity(contextOf(call, project), findMilestone(call, project)));
  },

  postApiV4ProjectsIdMilestones: (call) => {
    const project = findProject(call);
    requireRole(call, project, role.planner);
    const context = contextOf(call, project);
    const fields = {
      projectId: project.id,
      title: call.params.text("title") ?? "",
      description: call.params.text("description") ?? "",
      state: "active" as const,
      dueDate: dateOf(call, "due_date", null),
      startDate: dateOf(call, "start_date", null),
      createdAt: context.now,
      updatedAt: context.now,
    };
    check(call, { ...fields, id: 0 });
    const milestone: MilestoneRecord = {
      ...fields,
      id: context.planning.nextId("milestone"),
      iid: context.planning.nextIid("milestone", project.id),
    };
    context.planning.milestones.push(milestone);
    return created(milestoneEntity(context, milestone));
  },

  putApiV4ProjectsIdMilestonesMilestoneId: (call) => {
    const project = findProject(call);
    requireRole(call, project, role.planner);
    const milestone = findMilestone(call, project);
    const changeable = ["title", "description", "start_date", "due_date", "state_event"];
    if (!changeable.some((name) => call.params.sent(name))) {
      refuse(400, { error: `${changeable.join(", ")} are missing, at least one parameter must be provided` });
    }
    const change = {
      title: call.params.text("title") ?? milestone.title,
      description: call.params.sent("description") ? (call.params.text("description") ?? "") : milestone.description,
      dueDate: dateOf(call, "due_date", milestone.dueDate),
      startDate: dateOf(call, "start_date", milestone.startDate),
    };
    check(call, { ...milestone, ...change });
    const event = call.params.text("state_event");
    const state = event === "close" ? "closed" : event === "activate" ? "active" : milestone.state;
    Object.assign(milestone, change, { state, updatedAt: call.gitlab.now() });
    return json(milestoneEntity(contextOf(call, project), milestone));
  },

  deleteApiV4ProjectsIdMilestonesMilestoneId: (call) => {
    const project = findProject(call);
    requireRole(call, project, role.planner);
    const milestone = findMilestone(call, project);
    const { planning } = call.gitlab;
    planning.milestones.splice(planning.milestones.indexOf(milestone), 1);
    for (const item of [...planning.issues, ...planning.mergeRequests]) {
      if (item.milestoneId === milestone.id) item.milestoneId = null;
    }
    return empty();
  },
};

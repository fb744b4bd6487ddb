import { expect, test } from "vitest";
import { toolSearch } from "../../src/adapters/discovery-search.js";
import { selectTools } from "../../src/tools/select.js";

const all = selectTools({ level: "all" });
const search = toolSearch(all);

/** Each tool by three everyday wordings. */
const wordings: Readonly<Record<string, readonly [string, string, string]>> = {
  gitlab_work_item_get: [
    "show work item 42",
    "details of task #7 with its parent and iteration",
    "weight and health of a work item",
  ],
  gitlab_work_items_list: ["list the work items", "work items of the group", "work items of the sprint backlog"],
  gitlab_work_item_create: [
    "create a work item",
    "add a new work item below another one",
    "new objective as a work item",
  ],
  gitlab_work_item_update: [
    "update the work item's weight",
    "move the work item into the next iteration",
    "set the status of the work item to in progress",
  ],
  gitlab_work_item_delete: ["delete work item 12", "remove a work item for good", "delete the incident's work item"],
  gitlab_work_item_convert: [
    "turn the work item into a task",
    "convert a work item to an incident",
    "change the type of a work item",
  ],
  gitlab_work_item_types_list: [
    "which work item types are there",
    "allowed statuses of a task",
    "custom fields of work items",
  ],
  gitlab_work_item_children_list: ["children of the epic", "subtasks of a work item", "what is below the work item"],
  gitlab_work_item_children_add: [
    "add children to an epic",
    "put children under a work item",
    "add subtasks to a work item",
  ],
  gitlab_work_item_child_reorder: [
    "reorder the children",
    "move the child above the other one",
    "rank a child of the work item",
  ],
  gitlab_work_item_links_list: ["what blocks this work item", "links of the work item", "work item dependencies"],
  gitlab_work_item_link_add: [
    "link two work items",
    "say that a work item is blocked by another",
    "relate work item 3 to 5",
  ],
  gitlab_work_item_link_remove: [
    "unlink work items",
    "remove the link between two work items",
    "the task is not blocked any more, take the work item link away",
  ],
  gitlab_work_item_notes_list: ["comments on the work item", "discussion of the epic", "threads of a work item"],
  gitlab_work_item_note_create: ["comment on the work item", "reply in the thread of the task", "comment on an epic"],
  gitlab_work_item_thread_create: [
    "start a thread on the work item",
    "open a resolvable thread on the work item",
    "start a discussion on an epic",
  ],
  gitlab_work_item_note_update: [
    "edit a note on a work item",
    "correct my comment on the task",
    "change the work item note",
  ],
  gitlab_work_item_note_delete: [
    "delete a note on a work item",
    "remove my comment from the work item",
    "delete the comment on the task",
  ],
  gitlab_work_item_thread_resolve: [
    "resolve the thread on the work item",
    "reopen a thread of the work item",
    "mark the work item discussion as done",
  ],
  gitlab_iterations_list: ["current iteration", "list the iterations", "which sprints are coming"],
  gitlab_iteration_cadences_list: ["iteration cadences", "rhythm of our sprints", "list cadences of the group"],
  gitlab_epics_list: ["list the epics", "roadmap with epics and their progress", "how far are the epics"],
  gitlab_merge_request_overview_get: [
    "why can !7 not be merged",
    "is the merge request ready",
    "overview of the merge request",
  ],
  gitlab_project_overview_get: ["overview of the project", "project at a glance", "summary of the project"],
  gitlab_vulnerabilities_list: ["list vulnerabilities", "critical security findings", "CVEs that scanners found"],
  gitlab_vulnerability_get: ["show vulnerability 7", "details of the vulnerability", "solution for the vulnerability"],
  gitlab_vulnerability_state_set: [
    "dismiss the vulnerability as false positive",
    "confirm the vulnerability",
    "set the state of a vulnerability to resolved",
  ],
};

/** A task is a work item of its own type; many say it of any issue. */
test.each([
  ["create a task", "gitlab_work_item_create", "gitlab_issue_create"],
  ["add a task for me", "gitlab_work_item_create", "gitlab_issue_create"],
  ["list my open tasks", "gitlab_work_items_list"],
  ["which tasks are in the backlog", "gitlab_work_items_list", "gitlab_issues_list"],
  ["show task 7", "gitlab_work_item_get", "gitlab_issue_get"],
  ["close the task", "gitlab_work_item_update", "gitlab_issue_update"],
])("%j finds work items, and issues beside them", (request, ...names) => {
  const found = search(request, 5).map(({ name }) => name);
  expect(found).toEqual(expect.arrayContaining(names));
});

test.each(Object.entries(wordings))("%s is among the first five for each", (name, requests) => {
  const found = requests.map((request) => search(request, 5).map((tool) => tool.name));
  const missed = requests.filter((_, index) => found[index]?.includes(name) !== true);
  expect(Object.fromEntries(missed.map((request) => [request, found[requests.indexOf(request)]]))).toEqual({});
});

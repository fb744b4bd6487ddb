import { customFieldNodes, customFieldsOf } from "./custom-fields.js";
import type { Plan } from "../state/records.js";
import { connection, type PageArguments } from "./connection.js";
import { gid } from "./ids.js";
import { hasPlan, type Home, type Node, type View } from "./view.js";

/** A type of work items, with what it may carry. https://docs.gitlab.com/user/work_items/ */
interface TypeFacts {
  readonly id: number;
  readonly name: string;
  /** As in the `IssueType` enum. */
  readonly word: string;
  readonly plan: Plan;
  readonly home: "project" | "group";
  readonly children: readonly string[];
  readonly widgets: readonly string[];
}

const everywhere = [
  "ASSIGNEES",
  "AWARD_EMOJI",
  "CURRENT_USER_TODOS",
  "CUSTOM_FIELDS",
  "DESCRIPTION",
  "HIERARCHY",
  "LABELS",
  "LINKED_ITEMS",
  "MILESTONE",
  "NOTES",
  "NOTIFICATIONS",
  "PARTICIPANTS",
];
const issue = ["CRM_CONTACTS", "DEVELOPMENT", "HEALTH_STATUS", "ITERATION", "START_AND_DUE_DATE", "TIME_TRACKING"];

/** The system's own types by their word in REST (`issue_type`). */
export const workItemTypes: Readonly<Record<string, TypeFacts>> = {
  issue: {
    id: 1,
    name: "Issue",
    word: "ISSUE",
    plan: "free",
    home: "project",
    children: ["task"],
    widgets: [...everywhere, ...issue, "DESIGNS", "EMAIL_PARTICIPANTS", "LINKED_RESOURCES", "STATUS", "WEIGHT"],
  },
  incident: {
    id: 2,
    name: "Incident",
    word: "INCIDENT",
    plan: "free",
    home: "project",
    children: ["task"],
    widgets: [
      ...everywhere,
      "CRM_CONTACTS",
      "DEVELOPMENT",
      "EMAIL_PARTICIPANTS",
      "ITERATION",
      "LINKED_RESOURCES",
      "TIME_TRACKING",
    ],
  },
  test_case: {
    id: 3,
    name: "Test Case",
    word: "TEST_CASE",
    plan: "ultimate",
    home: "project",
    children: [],
    widgets: everywhere,
  },
  requirement: {
    id: 4,
    name: "Requirement",
    word: "REQUIREMENT",
    plan: "ultimate",
    home: "project",
    children: [],
    widgets: everywhere,
  },
  task: {
    id: 5,
    name: "Task",
    word: "TASK",
    plan: "free",
    home: "project",
    children: [],
    widgets: [...everywhere, ...issue.filter((name) => name !== "HEALTH_STATUS"), "STATUS", "WEIGHT"],
  },
  epic: {
    id: 8,
    name: "Epic",
    word: "EPIC",
    plan: "premium",
    home: "group",
    children: ["epic", "issue", "ticket"],
    widgets: [...everywhere, "COLOR", "HEALTH_STATUS", "START_AND_DUE_DATE", "TIME_TRACKING", "WEIGHT"],
  },
  ticket: {
    id: 9,
    name: "Ticket",
    word: "TICKET",
    plan: "free",
    home: "project",
    children: ["task"],
    widgets: [...everywhere, ...issue, "WEIGHT"],
  },
};

/** What of the widgets takes a plan. */
const paid: Readonly<Record<string, Plan>> = {
  COLOR: "premium",
  CUSTOM_FIELDS: "premium",
  HEALTH_STATUS: "ultimate",
  ITERATION: "premium",
  PROGRESS: "ultimate",
  STATUS: "premium",
  WEIGHT: "premium",
};

/** The widgets that a type has in a home, in GitLab's order. */
export const widgetsOf = (view: View, home: Home, type: string): readonly string[] =>
  (workItemTypes[type]?.widgets ?? []).filter((name) => hasPlan(view, home, paid[name] ?? "free"));

export const typeById = (id: number): string | undefined =>
  Object.entries(workItemTypes).find(([, facts]) => facts.id === id)?.[0];

/** The system's statuses. https://docs.gitlab.com/user/work_items/status/ */
export const statuses = [
  { id: 1, name: "To do", category: "TO_DO" },
  { id: 2, name: "In progress", category: "IN_PROGRESS" },
  { id: 3, name: "Done", category: "DONE" },
  { id: 4, name: "Won't do", category: "CANCELED" },
  { id: 5, name: "Duplicate", category: "CANCELED" },
] as const;

/** Whether setting a status closes the work item. */
export const closes = ({ category }: { readonly category: string }): boolean =>
  category === "DONE" || category === "CANCELED";

export function statusNode(name: string): Node | null {
  const status = statuses.find((one) => one.name === name);
  if (status === undefined) return null;
  return { ...status, id: gid("WorkItems::Statuses::SystemDefined::Status", status.id) };
}

export function typeNode(view: View, home: Home, type: string): Node {
  const facts = workItemTypes[type];
  const page = (types: readonly string[]) => (args: PageArguments) =>
    connection(types, args, (one) => typeNode(view, home, one));
  const parents = Object.entries(workItemTypes).flatMap(([name, { children }]) =>
    children.includes(type) ? [name] : [],
  );
  return {
    id: gid("WorkItems::Type", facts?.id ?? 0),
    name: facts?.name ?? type,
    enabled: true,
    canUserCreateItems: facts?.home === ("project" in home ? "project" : "group"),
    supportedConversionTypes: () =>
      type === "epic"
        ? []
        : ["issue", "incident", "task", "ticket"].filter((one) => one !== type).map((one) => typeNode(view, home, one)),
    widgetDefinitions: () =>
      widgetsOf(view, home, type).map((name) => ({
        __typename: definitionTypes[name] ?? "WorkItemWidgetDefinitionGeneric",
        type: name,
        allowsMultipleAssignees: hasPlan(view, home, "premium"),
        allowedChildTypes: page(facts?.children ?? []),
        allowedParentTypes: page(parents),
        allowedStatuses: statuses.map((status) => statusNode(status.name)),
        defaultOpenStatus: statusNode("To do"),
        defaultClosedStatus: statusNode("Done"),
        customFieldValues: customFieldNodes(customFieldsOf(view, home, type)),
      })),
  };
}

const definitionTypes: Readonly<Record<string, string>> = {
  ASSIGNEES: "WorkItemWidgetDefinitionAssignees",
  CUSTOM_FIELDS: "WorkItemWidgetDefinitionCustomFields",
  HIERARCHY: "WorkItemWidgetDefinitionHierarchy",
  STATUS: "WorkItemWidgetDefinitionStatus",
};

/** The types of a home, those of its plan. */
export const typesIn = (view: View, home: Home, args: PageArguments): Node =>
  connection(
    Object.entries(workItemTypes).filter(([, { plan }]) => hasPlan(view, home, plan)),
    args,
    ([type]) => typeNode(view, home, type),
  );

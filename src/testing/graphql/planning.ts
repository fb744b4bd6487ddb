import { GraphQLError } from "graphql";
import { contextFor } from "../state/context-of.js";
import type { MilestoneRecord } from "../state/issuable-records.js";
import type { GroupRecord, ProjectRecord } from "../state/records.js";
import type { IterationRecord } from "../state/work-items.js";
import { labelDetails } from "../resources/planning/planning-entities.js";
import { connection, type PageArguments } from "./connection.js";
import { gid, idOf } from "./ids.js";
import { hasPlan, iso, type Home, type Node, type View } from "./view.js";

/** A label, of a project or of a group. */
interface Label {
  readonly id: string;
  readonly title: string;
  readonly color: string;
  readonly description: string | null;
  readonly textColor: string;
}

/** The group that a home is, or is in. */
const groupOf = ({ gitlab }: View, home: Home): GroupRecord | undefined =>
  "group" in home ? home.group : gitlab.groups.get(home.project.namespaceId);

function labelsOf(view: View, home: Home, ancestors: boolean): Label[] {
  const { gitlab } = view;
  const own =
    "project" in home
      ? gitlab.planning.labelsOf(home.project.id).map((label) => {
          const { color, text_color: textColor } = labelDetails(contextFor(gitlab, home.project, 0), label.name);
          const { description, name } = label;
          return { id: gid("ProjectLabel", label.id), title: name, color, description, textColor } as Label;
        })
      : [];
  const group = groupOf(view, home);
  const lineage = group === undefined ? [] : gitlab.ancestry(group.id);
  const groups = ancestors ? lineage : "group" in home ? lineage.slice(0, 1) : [];
  const inherited = groups.flatMap(({ id }) =>
    gitlab.resources.in("group_labels", `groups/${String(id)}`).map(({ id: label, values }) => ({
      id: gid("GroupLabel", label),
      title: String(values["name"]),
      color: typeof values["color"] === "string" ? values["color"] : "#6699cc",
      description: typeof values["description"] === "string" ? values["description"] : null,
      textColor: "#FFFFFF",
    })),
  );
  return [...own, ...inherited].sort((one, other) => one.title.localeCompare(other.title));
}

/** The labels of a work item or merge request, by their names. */
export function labelNodes(view: View, home: Home, names: readonly string[], args: PageArguments): Node {
  const known = labelsOf(view, home, true);
  const labels = [...names].sort((one, other) => one.localeCompare(other));
  return connection(labels, args, (name) => known.find(({ title }) => title === name) ?? null);
}

/** @throws GraphQLError for a label that is not there */
export function labelName(view: View, home: Home, id: unknown): string {
  const key = idOf(id, "Label", "ProjectLabel", "GroupLabel");
  const found = labelsOf(view, home, true).find((label) => label.id.endsWith(`/${String(key)}`));
  if (found === undefined) throw new GraphQLError(`The label ${String(id)} does not exist`);
  return found.title;
}

interface LabelArguments extends PageArguments {
  readonly title?: string | null;
  readonly searchTerm?: string | null;
  readonly includeAncestorGroups?: boolean | null;
}

export const labelFields = (view: View, home: Home): Node => ({
  labels: (args: LabelArguments) => {
    const term = args.searchTerm?.toLowerCase() ?? "";
    const found = labelsOf(view, home, args.includeAncestorGroups ?? false)
      .filter(({ title }) => args.title == null || title === args.title)
      .filter(({ title, description }) => `${title} ${description ?? ""}`.toLowerCase().includes(term));
    return connection(found, args, (label) => label);
  },
  label: ({ title }: { readonly title: string }) =>
    labelsOf(view, home, true).find((label) => label.title === title) ?? null,
});

export function milestoneNode(view: View, project: ProjectRecord, milestone: MilestoneRecord): Node {
  const today = iso(view.gitlab.now())?.slice(0, 10) ?? "";
  return {
    id: gid("Milestone", milestone.id),
    iid: String(milestone.iid),
    title: milestone.title,
    description: milestone.description,
    state: milestone.state,
    startDate: milestone.startDate,
    dueDate: milestone.dueDate,
    expired: milestone.dueDate !== null && milestone.dueDate < today,
    webPath: `/${view.gitlab.projectPath(project)}/-/milestones/${String(milestone.iid)}`,
  };
}

interface MilestoneArguments extends PageArguments {
  readonly title?: string | null;
  readonly searchTitle?: string | null;
  readonly state?: string | null;
  readonly includeAncestors?: boolean | null;
}

export const milestoneFields = (view: View, home: Home): Node => ({
  milestones: (args: MilestoneArguments) => {
    const { gitlab } = view;
    const own =
      "project" in home
        ? gitlab.planning.milestonesOf(home.project.id).map((one) => milestoneNode(view, home.project, one))
        : [];
    const group = groupOf(view, home);
    const lineage = group === undefined ? [] : gitlab.ancestry(group.id);
    const groups = args.includeAncestors === true ? lineage : "group" in home ? lineage.slice(0, 1) : [];
    const inherited = groups.flatMap((one) =>
      gitlab.resources.in("group_milestones", `groups/${String(one.id)}`).map((record, index) => ({
        id: gid("Milestone", record.id),
        iid: String(index + 1),
        title: record.values["title"],
        description: record.values["description"] ?? null,
        state: record.values["state"],
        startDate: record.values["start_date"] ?? null,
        dueDate: record.values["due_date"] ?? null,
        expired: false,
        webPath: `/groups/${gitlab.groupPath(one)}/-/milestones/${String(index + 1)}`,
      })),
    );
    const found = [...own, ...inherited].filter(
      (one: Node) =>
        (args.title == null || one["title"] === args.title) &&
        (args.state == null || one["state"] === args.state) &&
        String(one["title"])
          .toLowerCase()
          .includes(args.searchTitle?.toLowerCase() ?? ""),
    );
    return connection(found, args, (one) => one);
  },
});

const stateOf = ({ gitlab }: View, iteration: IterationRecord): string => {
  const today = iso(gitlab.now())?.slice(0, 10) ?? "";
  return today < iteration.startDate ? "upcoming" : today > iteration.dueDate ? "closed" : "current";
};

export function iterationNode(view: View, iteration: IterationRecord): Node {
  const { gitlab } = view;
  const cadence = gitlab.workItems.cadences.find(({ id }) => id === iteration.cadenceId);
  const group = gitlab.groups.get(cadence?.groupId ?? -1);
  const path = group === undefined ? "" : gitlab.groupPath(group);
  return {
    id: gid("Iteration", iteration.id),
    iid: String(iteration.iid),
    title: iteration.title,
    state: stateOf(view, iteration),
    startDate: iteration.startDate,
    dueDate: iteration.dueDate,
    webUrl: `${gitlab.baseUrl}/groups/${path}/-/iterations/${String(iteration.id)}`,
    group: { fullPath: path },
    iterationCadence:
      cadence === undefined ? null : { id: gid("Iterations::Cadence", cadence.id), title: cadence.title },
  };
}

interface IterationArguments extends PageArguments {
  readonly state?: string | null;
  readonly search?: string | null;
  readonly iterationCadenceIds?: readonly string[] | null;
  readonly timeframe?: { readonly start: string; readonly end: string } | null;
}

/** Iterations and cadences: Premium; null on a lower plan. */
export const iterationFields = (view: View, home: Home): Node => {
  const { gitlab } = view;
  const group = groupOf(view, home);
  const lineage = new Set((group === undefined ? [] : gitlab.ancestry(group.id)).map(({ id }) => id));
  const cadences = (): typeof gitlab.workItems.cadences =>
    gitlab.workItems.cadences.filter(({ groupId }) => lineage.has(groupId));
  return {
    iterations: (args: IterationArguments) => {
      if (!hasPlan(view, home, "premium")) return null;
      const cadenceIds = args.iterationCadenceIds?.map((id) => idOf(id, "Iterations::Cadence"));
      const ids = new Set(cadences().map(({ id }) => id));
      const found = gitlab.workItems.iterations.filter((one) => {
        const state = stateOf(view, one);
        if (!ids.has(one.cadenceId) || (cadenceIds != null && !cadenceIds.includes(one.cadenceId))) return false;
        if (args.state === "opened" ? state === "closed" : ![undefined, null, "all", state].includes(args.state))
          return false;
        if (args.timeframe != null && (one.dueDate < args.timeframe.start || one.startDate > args.timeframe.end))
          return false;
        return (one.title ?? "").toLowerCase().includes(args.search?.toLowerCase() ?? "");
      });
      return connection(found, args, (one) => iterationNode(view, one));
    },
    iterationCadences: (args: PageArguments & { readonly title?: string | null }) => {
      if (!hasPlan(view, home, "premium")) return null;
      const found = cadences().filter(({ title }) => title.toLowerCase().includes(args.title?.toLowerCase() ?? ""));
      return connection(found, args, (cadence) => ({
        id: gid("Iterations::Cadence", cadence.id),
        title: cadence.title,
        description: cadence.description,
        active: true,
        automatic: true,
        durationInWeeks: cadence.durationInWeeks,
        iterationsInAdvance: 2,
        rollOver: false,
        startDate: cadence.startDate,
      }));
    },
  };
};

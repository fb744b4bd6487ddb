import type { GitLabState } from "../state/gitlab-state.js";
import type { GroupRecord, Plan, ProjectRecord, UserRecord } from "../state/records.js";
import type { MergeRequestRecord } from "../state/issuable-records.js";
import type { WorkItemRecord } from "../state/work-items.js";
import { gid } from "./ids.js";

/** An object of an answer: values, and functions for what is only worked out when it is asked for. */
export type Node = Readonly<Record<string, unknown>>;

/** Who asks whom. */
export interface View {
  readonly gitlab: GitLabState;
  readonly user: UserRecord | undefined;
  /** Whether the token may change anything. */
  readonly mayWrite: boolean;
  readonly complexity: { score: number; limit: number };
  /** How what is linked both ways shows the other end. */
  readonly show: {
    readonly workItem: (item: WorkItemRecord) => Node;
    readonly mergeRequest: (item: MergeRequestRecord) => Node;
  };
}

/** Where work items live: a project, or a group for its epics. */
export type Home = { readonly project: ProjectRecord } | { readonly group: GroupRecord };

export const pathOf = ({ gitlab }: View, home: Home): string =>
  "project" in home ? gitlab.projectPath(home.project) : gitlab.groupPath(home.group);

export const urlOf = (view: View, home: Home): string =>
  `${view.gitlab.baseUrl}/${"project" in home ? "" : "groups/"}${pathOf(view, home)}`;

export const roleIn = ({ gitlab, user }: View, home: Home): number =>
  "project" in home ? gitlab.projectRole(user, home.project) : gitlab.groupRole(user, home.group.id);

/** The home at a full path, if the asker may see it. */
export function homeAt({ gitlab, user }: View, path: string): Home | undefined {
  const project = gitlab.projectByPath(path);
  if (project !== undefined) return gitlab.canSeeProject(user, project) ? { project } : undefined;
  const group = gitlab.groupByPath(path);
  return group !== undefined && gitlab.canSeeGroup(user, group) ? { group } : undefined;
}

const plans: readonly Plan[] = ["free", "premium", "ultimate"];

/** Whether a home's plan includes that one. */
export function hasPlan({ gitlab }: View, home: Home, minimum: Plan): boolean {
  const top = "project" in home ? undefined : gitlab.ancestry(home.group.id).at(-1);
  const plan =
    "project" in home
      ? gitlab.planOf(home.project)
      : gitlab.instance === "gitlab.com"
        ? (top?.plan ?? gitlab.plan)
        : gitlab.plan;
  return plans.indexOf(plan) >= plans.indexOf(minimum);
}

/** Somebody, by any of the types that GitLab has for users. */
export function userNode({ gitlab }: View, id: number | null, type = "UserCore", more: Node = {}): Node | null {
  const user = id === null ? undefined : gitlab.users.get(id);
  if (user === undefined) return null;
  return {
    __typename: type,
    id: gid("User", user.id),
    username: user.username,
    name: user.name,
    state: user.state,
    bot: user.bot,
    publicEmail: user.publicEmail,
    active: user.state === "active",
    webPath: `/${user.username}`,
    webUrl: `${gitlab.baseUrl}/${user.username}`,
    ...more,
  };
}

export const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

const levels: Readonly<Record<number, string>> = {
  5: "MINIMAL_ACCESS",
  10: "GUEST",
  15: "PLANNER",
  20: "REPORTER",
  25: "SECURITY_MANAGER",
  30: "DEVELOPER",
  40: "MAINTAINER",
  50: "OWNER",
};

/** A role as `AccessLevel` shows it. */
export const accessLevel = (level: number): Node => ({
  integerValue: level,
  stringValue: levels[level] ?? "NO_ACCESS",
  humanAccess: level === 0 ? null : (levels[level] ?? "").toLowerCase().replace(/^./, (letter) => letter.toUpperCase()),
});

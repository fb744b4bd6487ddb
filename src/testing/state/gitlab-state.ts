import type {
  CommitCommentRecord,
  GroupRecord,
  Plan,
  ProjectRecord,
  ReleaseRecord,
  TokenRecord,
  UserRecord,
} from "./records.js";
import { ResourceRecords } from "./resource-records.js";
import { ObjectStorage } from "./object-storage.js";
import { Planning } from "./planning.js";
import { WorkItems } from "./work-items.js";

type Kind = "user" | "namespace" | "project" | "member" | "token" | "link";

/** Each kind counts in a range of its own: ids of one kind never look like those of another. */
const firstIds: Readonly<Record<Kind, number>> = {
  user: 4_501_201,
  namespace: 9_150_301,
  project: 52_710_401,
  member: 61_300_801,
  token: 7_001_301,
  link: 1_900_101,
};

/** What an instance is like when it begins. */
export interface StateOptions {
  readonly instance: "gitlab.com" | "self-managed";
  readonly plan: Plan;
  readonly now: () => Date;
  readonly version?: string;
}

/** The whole state of one GitLab instance, in memory. Look into it, and change it, through `emulator.state`. */
export class GitLabState {
  readonly instance: "gitlab.com" | "self-managed";
  /** The plan of every namespace that has none of its own. */
  plan: Plan;
  readonly now: () => Date;
  /** What `/version` says. */
  readonly version: string;
  /** Where the instance is reached, path prefix included, without a slash at the end. Set when it listens. */
  baseUrl = "http://127.0.0.1";

  /**
   * How long a new merge request is prepared, and how long each check whether it can be merged takes, in seconds of the
   * emulator's clock. Default 0: done by the next request.
   */
  mergeCheckSeconds: { preparing: number; checking: number } = { preparing: 0, checking: 0 };

  readonly users = new Map<number, UserRecord>();
  readonly groups = new Map<number, GroupRecord>();
  readonly projects = new Map<number, ProjectRecord>();
  /** Former full paths of projects that were renamed or moved, to project ids. */
  readonly formerPaths = new Map<string, number>();
  readonly tokens = new Map<string, TokenRecord>();
  readonly releases: ReleaseRecord[] = [];
  readonly commitComments: CommitCommentRecord[] = [];
  /** Labels, milestones, issues, merge requests, pipelines and jobs. */
  readonly planning = new Planning();
  /** The records of the resources that are declared as data. */
  readonly resources = new ResourceRecords();
  /** What issues have as work items, epics, and iterations. */
  readonly workItems = new WorkItems();
  readonly objectStorage = new ObjectStorage();
  /** Sends a webhook a sample, and tells what came of it. */
  testHook:
    | ((
        hookId: number,
        trigger: string,
        by: UserRecord | undefined,
      ) => Promise<{ readonly status?: number; readonly error?: string }>)
    | undefined;
  /** What the emulator has not acted upon in the request that it answers. */
  readonly warnings: string[] = [];
  readonly #lastIds = new Map<Kind, number>();

  constructor(options: StateOptions) {
    this.instance = options.instance;
    this.plan = options.plan;
    this.now = options.now;
    this.version = options.version ?? "19.5.0-ee";
  }

  /** The next id of a kind; they grow by uneven steps, since other people take some in between. */
  nextId(kind: Kind): number {
    const last = this.#lastIds.get(kind);
    const next = last === undefined ? firstIds[kind] : last + 1 + (last % 5);
    this.#lastIds.set(kind, next);
    return next;
  }

  userByName(username: string): UserRecord | undefined {
    const lowerCase = username.toLowerCase();
    return [...this.users.values()].find((user) => user.username.toLowerCase() === lowerCase);
  }

  /** The user of that name; throws when there is none, for tests that name somebody who was never made. */
  requireUser(username: string): UserRecord {
    const user = this.userByName(username);
    if (user === undefined) throw new Error(`The emulator has no user "${username}": create it with users.create()`);
    return user;
  }

  /** The user with an id; throws when there is none, since records only hold ids of users that exist. */
  user(id: number): UserRecord {
    const user = this.users.get(id);
    if (user === undefined) throw new Error(`The emulator has no user ${String(id)}`);
    return user;
  }

  /** The project with an id; throws when there is none. */
  project(id: number): ProjectRecord {
    const project = this.projects.get(id);
    if (project === undefined) throw new Error(`The emulator has no project ${String(id)}`);
    return project;
  }

  groupPath(group: GroupRecord): string {
    const parent = group.parentId === null ? undefined : this.groups.get(group.parentId);
    return parent === undefined ? group.path : `${this.groupPath(parent)}/${group.path}`;
  }

  groupName(group: GroupRecord): string {
    const parent = group.parentId === null ? undefined : this.groups.get(group.parentId);
    return parent === undefined ? group.name : `${this.groupName(parent)} / ${group.name}`;
  }

  /** A group followed by its ancestors, nearest first. */
  ancestry(groupId: number | null): GroupRecord[] {
    const group = groupId === null ? undefined : this.groups.get(groupId);
    return group === undefined ? [] : [group, ...this.ancestry(group.parentId)];
  }

  /** The user whose own namespace this is. */
  namespaceOwner(namespaceId: number): UserRecord | undefined {
    return [...this.users.values()].find((user) => user.namespaceId === namespaceId);
  }

  namespacePath(namespaceId: number): string {
    const group = this.groups.get(namespaceId);
    return group === undefined ? (this.namespaceOwner(namespaceId)?.username ?? "") : this.groupPath(group);
  }

  namespaceName(namespaceId: number): string {
    const group = this.groups.get(namespaceId);
    return group === undefined ? (this.namespaceOwner(namespaceId)?.name ?? "") : this.groupName(group);
  }

  projectPath(project: ProjectRecord): string {
    return `${this.namespacePath(project.namespaceId)}/${project.path}`;
  }

  projectUrl(project: ProjectRecord): string {
    return `${this.baseUrl}/${this.projectPath(project)}`;
  }

  apiUrl(path: string): string {
    return `${this.baseUrl}/api/v4${path}`;
  }

  projectByPath(path: string): ProjectRecord | undefined {
    const lowerCase = path.toLowerCase();
    return [...this.projects.values()].find((project) => this.projectPath(project).toLowerCase() === lowerCase);
  }

  groupByPath(path: string): GroupRecord | undefined {
    const lowerCase = path.toLowerCase();
    return [...this.groups.values()].find((group) => this.groupPath(group).toLowerCase() === lowerCase);
  }

  /** By its number or its full path, as paths of the API name it. */
  projectAt(idOrPath: string): ProjectRecord | undefined {
    return isNumber(idOrPath) ? this.projects.get(Number(idOrPath)) : this.projectByPath(idOrPath);
  }

  groupAt(idOrPath: string): GroupRecord | undefined {
    return isNumber(idOrPath) ? this.groups.get(Number(idOrPath)) : this.groupByPath(idOrPath);
  }

  /** By id or username. */
  userAt(idOrName: string): UserRecord | undefined {
    return isNumber(idOrName) ? this.users.get(Number(idOrName)) : this.userByName(idOrName);
  }

  /** The plan that decides about a project's features. */
  planOf(project: ProjectRecord): Plan {
    const top = this.ancestry(project.namespaceId).at(-1);
    return this.instance === "gitlab.com" ? (top?.plan ?? this.plan) : this.plan;
  }

  /** The highest role of a user in a group, inherited ones included; 0 for none. Administrators own everything. */
  groupRole(user: UserRecord | undefined, groupId: number): number {
    if (user === undefined) return 0;
    if (user.admin) return 50;
    return Math.max(0, ...this.ancestry(groupId).map(({ members }) => this.#roleAmong(members, user)));
  }

  /** The highest role of a user in a project, inherited ones included; 0 for none. Administrators own everything. */
  projectRole(user: UserRecord | undefined, project: ProjectRecord): number {
    if (user === undefined) return 0;
    if (user.admin || user.namespaceId === project.namespaceId) return 50;
    return Math.max(this.#roleAmong(project.members, user), this.groupRole(user, project.namespaceId));
  }

  canSeeProject(user: UserRecord | undefined, project: ProjectRecord): boolean {
    if (project.visibility === "public") return true;
    if (project.visibility === "internal" && user !== undefined) return true;
    return this.projectRole(user, project) >= 10;
  }

  canSeeGroup(user: UserRecord | undefined, group: GroupRecord): boolean {
    if (group.visibility === "public") return true;
    if (group.visibility === "internal" && user !== undefined) return true;
    if (this.groupRole(user, group.id) >= 5) return true;
    // Whoever sees something inside a private group also sees the group.
    return [...this.projects.values()].some(
      (project) =>
        this.ancestry(project.namespaceId).includes(group) &&
        user !== undefined &&
        project.members.some((member) => member.userId === user.id),
    );
  }

  /** Asked with every request, so today is only written out for those who leave one day. */
  #roleAmong(members: readonly MemberLike[], { id }: UserRecord): number {
    const levels = members
      .filter(({ userId, expiresAt }) => userId === id && (expiresAt === null || expiresAt > this.#today()))
      .map(({ accessLevel }) => accessLevel);
    return Math.max(0, ...levels);
  }

  #today(): string {
    return this.now().toISOString().slice(0, 10);
  }
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

interface MemberLike {
  readonly userId: number;
  readonly accessLevel: number;
  readonly expiresAt: string | null;
}

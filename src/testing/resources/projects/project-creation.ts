import { invalid, notFound, refuse, type Call } from "../../server/handler.js";
import { addMember } from "../members/member-entity.js";
import { Repository } from "../../repository/repository.js";
import { role, type GroupRecord, type ProjectRecord, type UserRecord, type Visibility } from "../../state/records.js";
import type { GitLabState } from "../../state/gitlab-state.js";

/** What a new project is made from. */
export interface NewProject {
  readonly name: string;
  readonly path: string;
  readonly namespaceId: number;
  readonly creator: UserRecord;
  readonly visibility: Visibility;
  readonly description?: string | null;
  readonly repository?: Repository;
  readonly forkedFromId?: number;
  readonly createdAt?: Date;
}

/** Adds a project; its creator becomes its owner. */
export function createProject(gitlab: GitLabState, details: NewProject): ProjectRecord {
  const createdAt = details.createdAt ?? gitlab.now();
  const repository = details.repository ?? new Repository();
  repository.protectedBranches.add(repository.defaultBranch);
  const project: ProjectRecord = {
    id: gitlab.nextId("project"),
    namespaceId: details.namespaceId,
    name: details.name,
    path: details.path,
    description: details.description ?? null,
    visibility: details.visibility,
    archived: false,
    settings: {},
    repository,
    members: [],
    starredBy: new Set(),
    creatorId: details.creator.id,
    forkedFromId: details.forkedFromId ?? null,
    markedForDeletionOn: null,
    createdAt,
    updatedAt: createdAt,
    lastActivityAt: createdAt,
  };
  gitlab.projects.set(project.id, project);
  gitlab.formerPaths.delete(gitlab.projectPath(project).toLowerCase());
  // Owners of the group need no membership of their own.
  if (gitlab.projectRole({ ...details.creator, admin: false }, project) < role.owner) {
    addMember(gitlab, project.members, details.creator.id, role.owner, details.creator.id, null, createdAt);
  }
  return project;
}

/** Forgets a project and all it holds. */
export function removeProject(gitlab: GitLabState, project: ProjectRecord): void {
  gitlab.projects.delete(project.id);
  gitlab.planning.forgetProject(project.id);
  gitlab.resources.forget(`projects/${String(project.id)}`);
  for (const records of [gitlab.releases, gitlab.commitComments]) {
    const kept = records.filter(({ projectId }) => projectId !== project.id);
    records.length = 0;
    (records as { projectId: number }[]).push(...kept);
  }
}

/** `My Project!` becomes `my-project`, as GitLab derives paths from names. */
export const pathFromName = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .toLowerCase();

/** The namespace that a request names by id; the caller's own when it names none. */
export function requireNamespace(call: Call, me: UserRecord, namespace: string | undefined): number {
  const { gitlab } = call;
  if (namespace === undefined) return me.namespaceId;
  const group = gitlab.groupAt(namespace);
  if (group === undefined) {
    const owner = [...gitlab.users.values()].find(
      ({ namespaceId, username }) =>
        namespace === String(namespaceId) || namespace.toLowerCase() === username.toLowerCase(),
    );
    // Administrators may use the namespaces of others.
    const allowed = owner !== undefined && (owner.id === me.id || me.admin);
    return allowed ? owner.namespaceId : notFound("Namespace");
  }
  if (!gitlab.canSeeGroup(me, group)) return notFound("Namespace");
  return mayCreateIn(call, me, group) ? group.id : invalid({ namespace: ["is not valid"] });
}

const creationLevels: Readonly<Record<string, number>> = {
  owner: role.owner,
  maintainer: role.maintainer,
  developer: role.developer,
};

/** A group says from which role on its members make projects; nobody does in some, administrators aside. */
function mayCreateIn({ gitlab }: Call, me: UserRecord, group: GroupRecord): boolean {
  const setting = group.settings["project_creation_level"];
  const level =
    setting === undefined ? role.developer : typeof setting === "string" ? creationLevels[setting] : undefined;
  return me.admin || (level !== undefined && gitlab.groupRole(me, group.id) >= level);
}

/** Refuses names and paths that GitLab does not take, or that are taken. */
export function checkProjectPath(gitlab: GitLabState, namespaceId: number, path: string, except?: ProjectRecord): void {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(path) || /\.(?:git|atom)$/.test(path)) {
    invalid({
      path: [
        "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
      ],
    });
  }
  const full = `${gitlab.namespacePath(namespaceId)}/${path}`;
  const holder = gitlab.projectByPath(full);
  if ((holder !== undefined && holder !== except) || gitlab.groupByPath(full) !== undefined) {
    refuse(400, {
      message: {
        "project_namespace.name": ["has already been taken"],
        name: ["has already been taken"],
        path: ["has already been taken"],
      },
    });
  }
}

const openness: readonly Visibility[] = ["private", "internal", "public"];

export const isVisibility = (value: unknown): value is Visibility => openness.some((known) => known === value);

/** A project is never more open than the group that it is in. */
export function checkVisibility(gitlab: GitLabState, namespaceId: number, visibility: Visibility): void {
  const group = gitlab.groups.get(namespaceId);
  if (group !== undefined && openness.indexOf(visibility) > openness.indexOf(group.visibility)) {
    invalid({ visibility_level: [`${visibility} is not allowed in a ${group.visibility} group.`] });
  }
}

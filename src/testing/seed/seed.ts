import { signatureOf } from "../resources/code/commit-entity.js";
import { createGroup } from "../resources/groups/groups.js";
import { plainVariable } from "../resources/projects/variables.js";
import { addMember } from "../resources/members/member-entity.js";
import { createProject } from "../resources/projects/project-creation.js";
import { role, type GroupRecord, type ProjectRecord, type UserRecord, type Visibility } from "../state/records.js";
import { seedCommits, seedLogo } from "./seed-files.js";
import { seedPlanning } from "./seed-planning.js";
import { createUser } from "../resources/users/user-accounts.js";
import type { GitLabState } from "../state/gitlab-state.js";

const day = 86_400_000;

const daysAgo = (gitlab: GitLabState, days: number): Date => new Date(gitlab.now().getTime() - days * day);

/** Fills an empty gitlab with what `createGitLabEmulator` describes. */
export function seedGitLab(gitlab: GitLabState): void {
  const people = seedUsers(gitlab);
  const acme = seedGroups(gitlab, people);
  const app = seedProject(gitlab, acme, people.ada, "App", "private", "The customer portal");
  app.settings["topics"] = app.settings["tag_list"] = ["portal", "typescript"];
  seedCode(gitlab, app);
  seedPlanning(gitlab, app);
  seedReleases(gitlab, app, people);
  seedOperations(gitlab, app, people);
  seedOtherProjects(gitlab, acme, people);
}

interface People {
  readonly root: UserRecord;
  readonly ada: UserRecord;
  readonly ben: UserRecord;
  readonly guest: UserRecord;
}

function seedUsers(gitlab: GitLabState): People {
  const root = createUser(gitlab, {
    username: "root",
    name: "Administrator",
    admin: true,
    createdAt: daysAgo(gitlab, 900),
  });
  const ada = createUser(gitlab, { username: "ada", name: "Ada Almeida", createdAt: daysAgo(gitlab, 800) });
  const ben = createUser(gitlab, { username: "ben", name: "Ben Berg", createdAt: daysAgo(gitlab, 700) });
  const guest = createUser(gitlab, { username: "guest", name: "Gus Guest", createdAt: daysAgo(gitlab, 300) });
  Object.assign(ada, { publicEmail: ada.email, jobTitle: "Engineering lead", organization: "Acme", location: "Porto" });
  Object.assign(ben, { jobTitle: "Engineer", organization: "Acme", bio: "Back ends, mostly." });
  return { root, ada, ben, guest };
}

function seedGroups(gitlab: GitLabState, { ada, ben, guest }: People): GroupRecord {
  const createdAt = daysAgo(gitlab, 600);
  const shared = { owner: ada, visibility: "public", createdAt } as const;
  const acme = createGroup(gitlab, {
    ...shared,
    name: "Acme",
    path: "acme",
    parentId: null,
    description: "Everything Acme",
  });
  addMember(gitlab, acme.members, ben.id, role.developer, ada.id, null, createdAt);
  addMember(gitlab, acme.members, guest.id, role.guest, ada.id, null, daysAgo(gitlab, 290));
  createGroup(gitlab, {
    ...shared,
    name: "Platform",
    path: "platform",
    parentId: acme.id,
    description: "What runs below",
  });
  return acme;
}

function seedProject(
  gitlab: GitLabState,
  group: GroupRecord,
  creator: UserRecord,
  name: string,
  visibility: Visibility,
  description: string,
): ProjectRecord {
  const path = name.toLowerCase();
  const createdAt = daysAgo(gitlab, 471);
  return createProject(gitlab, { name, path, namespaceId: group.id, creator, visibility, description, createdAt });
}

function seedCode(gitlab: GitLabState, project: ProjectRecord): void {
  const { repository } = project;
  for (const { days, author, message, files, tag } of seedCommits) {
    const date = daysAgo(gitlab, days);
    const user = gitlab.userByName(author);
    if (user === undefined) continue;
    const commit = repository.commitTo("main", {
      message,
      author: signatureOf(user, date),
      changes: Object.entries(files).map(([path, content]) => ({ path, content, executable: path.endsWith(".sh") })),
    });
    if (tag !== undefined) repository.createTag(tag[0], commit.sha, tag[1], date);
  }
  const ada = gitlab.userByName("ada");
  if (ada === undefined) return;
  const logo = new Uint8Array(Buffer.from(seedLogo, "base64"));
  const picture = { path: "assets/logo.png", content: logo };
  repository.commitTo("main", {
    message: "Add the logo",
    author: signatureOf(ada, daysAgo(gitlab, 439)),
    changes: [picture],
  });
  repository.commitTo(
    "release-1.3",
    {
      message: "Repair the health check",
      author: signatureOf(ada, daysAgo(gitlab, 430)),
      changes: [{ path: "docs/deployment.md", content: "# Deployment\n\nThe pipeline waits for `/health`.\n" }],
    },
    "v1.3.0",
  );
  repository.protectedBranches.add("release-*");
}

function seedReleases(gitlab: GitLabState, project: ProjectRecord, { ada }: People): void {
  const { repository } = project;
  repository.createTag("v1.4.0", "main", "Version 1.4.0", daysAgo(gitlab, 30));
  project.settings["protected_tags"] = ["v*"];
  const milestone = gitlab.planning.milestonesOf(project.id).find(({ title }) => title === "v1.4");
  const notes = [
    ["v1.2.0", "The first version that customers see.", 462, []],
    ["v1.3.0", "## Prices\n\n- Prices are checked before they are shown.", 441, []],
    ["v1.4.0", "## Faster\n\n- Pages are cached.\n- Every branch is built and tested.", 30, [milestone?.id ?? 0]],
  ] as const;
  for (const [tagName, description, days, milestoneIds] of notes) {
    const version = tagName.slice(1);
    gitlab.releases.push({
      projectId: project.id,
      tagName,
      name: `App ${version}`,
      description,
      authorId: ada.id,
      milestoneIds: milestoneIds.filter((id) => id > 0),
      links: [
        {
          id: gitlab.nextId("link"),
          name: `app-${version}.tgz`,
          url: `https://downloads.acme.example/app-${version}.tgz`,
          linkType: "package",
          directAssetPath: `/app-${version}.tgz`,
        },
      ],
      createdAt: daysAgo(gitlab, days),
      releasedAt: daysAgo(gitlab, days),
    });
  }
}

function seedOperations(gitlab: GitLabState, project: ProjectRecord, { ada, ben }: People): void {
  const place = `projects/${String(project.id)}`;
  const add = (
    resource: string,
    by: UserRecord,
    days: number,
    values: Readonly<Record<string, unknown>>,
    where = place,
  ) => gitlab.resources.add(resource, where, values, { by: by.id, at: daysAgo(gitlab, days) });
  for (const values of [
    { key: "DEPLOY_URL", value: "https://portal.acme.example", environment_scope: "production" },
    { key: "DEPLOY_URL", value: "https://staging.acme.example", environment_scope: "staging" },
    { key: "NPM_REGISTRY", value: "https://npm.acme.example" },
    { key: "SIGNING_KEY", value: "c2lnbmluZy1rZXk=", protected: true, masked: true },
  ]) {
    add("variables", ada, 300, { ...plainVariable, ...values });
  }
  add("hooks", ada, 200, {
    url: "https://chat.acme.example/hooks/gitlab",
    name: "Chat",
    merge_requests_events: true,
    issues_events: true,
    token: "chat-secret",
  });
  const key = (text: string): string =>
    Buffer.from(`\u0000\u0000\u0000\u000bssh-ed25519\u0000\u0000\u0000 ${text.padEnd(32, "k")}`).toString("base64");
  add("deploy_keys", ada, 400, {
    title: "Production server",
    key: `ssh-ed25519 ${key("production")} deploy@acme.example`,
  });
  const laptop = { title: "Laptop", key: `ssh-ed25519 ${key("laptop")} ada@example.com` };
  add("ssh_keys", ada, 500, laptop, `users/${String(ada.id)}`);
  const snippet = add("snippets", ben, 120, {
    title: "Rotate the signing key",
    description: "What to do once a year.",
    visibility: "private",
    stored: [{ path: "rotate.sh", content: "#!/bin/sh\nopenssl rand -base64 32 > signing.key\n" }],
  });
  snippet.updatedAt = daysAgo(gitlab, 90);
  project.starredBy.add(ben.id);
  project.lastActivityAt = daysAgo(gitlab, 0.05);
}

function seedOtherProjects(gitlab: GitLabState, acme: GroupRecord, { ada, ben }: People): void {
  const website = seedProject(gitlab, acme, ben, "Website", "public", "acme.example");
  const platform = gitlab.groupByPath("acme/platform") ?? acme;
  const api = seedProject(gitlab, platform, ada, "API", "internal", "What the portal talks to");
  const notes = createProject(gitlab, {
    name: "Notes",
    path: "notes",
    namespaceId: ada.namespaceId,
    creator: ada,
    visibility: "private",
    createdAt: daysAgo(gitlab, 350),
  });
  for (const [project, user, days] of [
    [website, ben, 340],
    [api, ada, 330],
    [notes, ada, 320],
  ] as const) {
    project.repository.commitTo("main", {
      message: "Initial commit",
      author: signatureOf(user, daysAgo(gitlab, days)),
      changes: [{ path: "README.md", content: `# ${project.name}\n\n${project.description ?? "For myself."}\n` }],
    });
    project.lastActivityAt = daysAgo(gitlab, days);
  }
}

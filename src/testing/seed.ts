import { signatureOf } from "./commit-entity.js";
import { createGroup } from "./groups.js";
import { createHook } from "./hooks.js";
import { addMember } from "./member-entity.js";
import { createProject } from "./project-creation.js";
import { role, type GroupRecord, type ProjectRecord, type UserRecord, type Visibility } from "./records.js";
import { seedCommits, seedLogo } from "./seed-files.js";
import { seedPlanning } from "./seed-planning.js";
import { createUser } from "./user-accounts.js";
import type { World } from "./world.js";

const day = 86_400_000;

const daysAgo = (world: World, days: number): Date => new Date(world.now().getTime() - days * day);

/** Fills an empty world with what `createGitLabEmulator` describes. */
export function seedWorld(world: World): void {
  const people = seedUsers(world);
  const acme = seedGroups(world, people);
  const app = seedProject(world, acme, people.ada, "App", "private", "The customer portal");
  app.settings["topics"] = app.settings["tag_list"] = ["portal", "typescript"];
  seedCode(world, app);
  seedPlanning(world, app);
  seedReleases(world, app, people);
  seedOperations(world, app, people);
  seedOtherProjects(world, acme, people);
}

interface People {
  readonly root: UserRecord;
  readonly ada: UserRecord;
  readonly ben: UserRecord;
  readonly guest: UserRecord;
}

function seedUsers(world: World): People {
  const root = createUser(world, {
    username: "root",
    name: "Administrator",
    admin: true,
    createdAt: daysAgo(world, 900),
  });
  const ada = createUser(world, { username: "ada", name: "Ada Almeida", createdAt: daysAgo(world, 800) });
  const ben = createUser(world, { username: "ben", name: "Ben Berg", createdAt: daysAgo(world, 700) });
  const guest = createUser(world, { username: "guest", name: "Gus Guest", createdAt: daysAgo(world, 300) });
  Object.assign(ada, { publicEmail: ada.email, jobTitle: "Engineering lead", organization: "Acme", location: "Porto" });
  Object.assign(ben, { jobTitle: "Engineer", organization: "Acme", bio: "Back ends, mostly." });
  return { root, ada, ben, guest };
}

function seedGroups(world: World, { ada, ben, guest }: People): GroupRecord {
  const createdAt = daysAgo(world, 600);
  const shared = { owner: ada, visibility: "public", createdAt } as const;
  const acme = createGroup(world, {
    ...shared,
    name: "Acme",
    path: "acme",
    parentId: null,
    description: "Everything Acme",
  });
  addMember(world, acme.members, ben.id, role.developer, ada.id, null, createdAt);
  addMember(world, acme.members, guest.id, role.guest, ada.id, null, daysAgo(world, 290));
  createGroup(world, {
    ...shared,
    name: "Platform",
    path: "platform",
    parentId: acme.id,
    description: "What runs below",
  });
  return acme;
}

function seedProject(
  world: World,
  group: GroupRecord,
  creator: UserRecord,
  name: string,
  visibility: Visibility,
  description: string,
): ProjectRecord {
  const path = name.toLowerCase();
  const createdAt = daysAgo(world, 471);
  return createProject(world, { name, path, namespaceId: group.id, creator, visibility, description, createdAt });
}

function seedCode(world: World, project: ProjectRecord): void {
  const { repository } = project;
  for (const { days, author, message, files, tag } of seedCommits) {
    const date = daysAgo(world, days);
    const user = world.userByName(author);
    if (user === undefined) continue;
    const commit = repository.commitTo("main", {
      message,
      author: signatureOf(user, date),
      changes: Object.entries(files).map(([path, content]) => ({ path, content, executable: path.endsWith(".sh") })),
    });
    if (tag !== undefined) repository.createTag(tag[0], commit.sha, tag[1], date);
  }
  const ada = world.userByName("ada");
  if (ada === undefined) return;
  const logo = new Uint8Array(Buffer.from(seedLogo, "base64"));
  const picture = { path: "assets/logo.png", content: logo };
  repository.commitTo("main", {
    message: "Add the logo",
    author: signatureOf(ada, daysAgo(world, 439)),
    changes: [picture],
  });
  repository.commitTo(
    "release-1.3",
    {
      message: "Repair the health check",
      author: signatureOf(ada, daysAgo(world, 430)),
      changes: [{ path: "docs/deployment.md", content: "# Deployment\n\nThe pipeline waits for `/health`.\n" }],
    },
    "v1.3.0",
  );
  repository.protectedBranches.add("release-*");
}

function seedReleases(world: World, project: ProjectRecord, { ada }: People): void {
  const { repository } = project;
  repository.createTag("v1.4.0", "main", "Version 1.4.0", daysAgo(world, 30));
  project.settings["protected_tags"] = ["v*"];
  const milestone = world.planning.milestonesOf(project.id).find(({ title }) => title === "v1.4");
  const notes = [
    ["v1.2.0", "The first version that customers see.", 462, []],
    ["v1.3.0", "## Prices\n\n- Prices are checked before they are shown.", 441, []],
    ["v1.4.0", "## Faster\n\n- Pages are cached.\n- Every branch is built and tested.", 30, [milestone?.id ?? 0]],
  ] as const;
  for (const [tagName, description, days, milestoneIds] of notes) {
    const version = tagName.slice(1);
    world.releases.push({
      projectId: project.id,
      tagName,
      name: `App ${version}`,
      description,
      authorId: ada.id,
      milestoneIds: milestoneIds.filter((id) => id > 0),
      links: [
        {
          id: world.nextId("link"),
          name: `app-${version}.tgz`,
          url: `https://downloads.acme.example/app-${version}.tgz`,
          linkType: "package",
          directAssetPath: `/app-${version}.tgz`,
        },
      ],
      createdAt: daysAgo(world, days),
      releasedAt: daysAgo(world, days),
    });
  }
}

function seedOperations(world: World, project: ProjectRecord, { ada, ben }: People): void {
  const shared = {
    projectId: project.id,
    variableType: "env_var",
    raw: false,
    description: null,
    hidden: false,
  } as const;
  world.variables.push(
    {
      ...shared,
      key: "DEPLOY_URL",
      value: "https://portal.acme.example",
      protected: false,
      masked: false,
      environmentScope: "production",
    },
    {
      ...shared,
      key: "DEPLOY_URL",
      value: "https://staging.acme.example",
      protected: false,
      masked: false,
      environmentScope: "staging",
    },
    {
      ...shared,
      key: "NPM_REGISTRY",
      value: "https://npm.acme.example",
      protected: false,
      masked: false,
      environmentScope: "*",
    },
    { ...shared, key: "SIGNING_KEY", value: "c2lnbmluZy1rZXk=", protected: true, masked: true, environmentScope: "*" },
  );
  const hook = createHook(
    world.nextId("hook"),
    project.id,
    "https://chat.acme.example/hooks/gitlab",
    daysAgo(world, 200),
  );
  Object.assign(hook.settings, { merge_requests_events: true, issues_events: true, name: "Chat" });
  hook.token = "chat-secret";
  world.hooks.set(hook.id, hook);
  const key = (text: string): string =>
    Buffer.from(`\u0000\u0000\u0000\u000bssh-ed25519\u0000\u0000\u0000 ${text.padEnd(32, "k")}`).toString("base64");
  const deployKeyId = world.nextId("deploy_key");
  world.deployKeys.set(deployKeyId, {
    id: deployKeyId,
    projectId: project.id,
    title: "Production server",
    key: `ssh-ed25519 ${key("production")} deploy@acme.example`,
    canPush: false,
    expiresAt: null,
    createdAt: daysAgo(world, 400),
  });
  const sshKeyId = world.nextId("ssh_key");
  world.sshKeys.set(sshKeyId, {
    id: sshKeyId,
    userId: ada.id,
    title: "Laptop",
    key: `ssh-ed25519 ${key("laptop")} ada@example.com`,
    usageType: "auth_and_signing",
    expiresAt: null,
    createdAt: daysAgo(world, 500),
  });
  const snippetId = world.nextId("snippet");
  world.snippets.set(snippetId, {
    id: snippetId,
    projectId: project.id,
    title: "Rotate the signing key",
    description: "What to do once a year.",
    visibility: "private",
    files: [{ path: "rotate.sh", content: "#!/bin/sh\nopenssl rand -base64 32 > signing.key\n" }],
    authorId: ben.id,
    createdAt: daysAgo(world, 120),
    updatedAt: daysAgo(world, 90),
  });
  project.starredBy.add(ben.id);
  project.lastActivityAt = daysAgo(world, 0.05);
}

function seedOtherProjects(world: World, acme: GroupRecord, { ada, ben }: People): void {
  const website = seedProject(world, acme, ben, "Website", "public", "acme.example");
  const platform = world.groupByPath("acme/platform") ?? acme;
  const api = seedProject(world, platform, ada, "API", "internal", "What the portal talks to");
  const notes = createProject(world, {
    name: "Notes",
    path: "notes",
    namespaceId: ada.namespaceId,
    creator: ada,
    visibility: "private",
    createdAt: daysAgo(world, 350),
  });
  for (const [project, user, days] of [
    [website, ben, 340],
    [api, ada, 330],
    [notes, ada, 320],
  ] as const) {
    project.repository.commitTo("main", {
      message: "Initial commit",
      author: signatureOf(user, daysAgo(world, days)),
      changes: [{ path: "README.md", content: `# ${project.name}\n\n${project.description ?? "For myself."}\n` }],
    });
    project.lastActivityAt = daysAgo(world, days);
  }
}

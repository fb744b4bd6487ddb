import { describe, expect, test } from "vitest";
import { createConnection } from "node:net";
import { routing } from "../../src/testing/routing.js";
import { gitlabComLimits } from "../../src/testing/server/gitlab-com-limits.js";
import { field, pluck, setup } from "./client.js";

const { emulator, api, token } = setup();
const app = "/projects/acme%2Fapp";
const website = "/projects/acme%2Fwebsite";
const send = (method: string, path: string, json?: unknown, as = "ada"): ReturnType<typeof api> =>
  api(path, { as, method, json });
const empty = async (name: string): Promise<string> =>
  `/projects/${String(field((await send("POST", "/projects", { name })).body, "id"))}`;

describe("repositories", () => {
  test("a branch in an empty project brings the default branch with a README.md", async () => {
    const project = await empty("empty-one");
    expect((await send("POST", `${project}/repository/branches`, { branch: "x", ref: "main" })).status).toBe(201);
    expect(pluck((await send("GET", `${project}/repository/branches`)).body, "name")).toEqual(["main", "x"]);
  });

  test("the first commit of an empty project makes its branch the default one", async () => {
    const project = await empty("empty-two");
    const file = { branch: "develop", commit_message: "Begin", content: "x" };
    expect((await send("POST", `${project}/repository/files/a.txt`, file)).status).toBe(201);
    expect((await send("GET", project)).body).toMatchObject({ default_branch: "develop" });
  });

  test("maintainers delete protected branches, nobody the default one, and a branch is no folder", async () => {
    const branches = `${app}/repository/branches`;
    await send("POST", branches, { branch: "guarded", ref: "main" });
    await send("POST", `${app}/protected_branches`, { name: "guarded" });
    expect((await send("DELETE", `${branches}/guarded`, undefined, "ben")).status).toBe(403);
    expect((await send("DELETE", `${branches}/guarded`)).status).toBe(204);
    expect(await send("DELETE", `${branches}/main`)).toMatchObject({
      status: 400,
      body: { message: "The default branch of a project cannot be deleted." },
    });
    expect((await send("POST", branches, { branch: "main/sub", ref: "main" })).status).toBe(400);
    expect((await send("HEAD", `${branches}/main`)).status).toBe(204);
  });

  test("an empty ref, and a branch that nothing starts", async () => {
    expect(await send("GET", `${app}/repository/files/README.md?ref=`)).toMatchObject({
      status: 400,
      body: { error: "ref is empty" },
    });
    const file = { branch: "q", start_branch: "nope", commit_message: "x", content: "x" };
    expect(await send("POST", `${app}/repository/files/q.txt`, file)).toMatchObject({
      status: 400,
      body: { message: "You can only create or edit files when you are on a branch" },
    });
  });

  test("commits of several actions, refused one by one", async () => {
    const commit = (actions: unknown, more: object = {}): ReturnType<typeof api> =>
      send("POST", `${app}/repository/commits`, {
        branch: "several",
        start_branch: "main",
        commit_message: "S",
        actions,
        ...more,
      });
    const done = await commit([
      { action: "create", file_path: "s/a.txt", content: "YQo=", encoding: "base64" },
      { action: "move", file_path: "MOVED.md", previous_path: "README.md" },
      { action: "chmod", file_path: "s/a.txt", execute_filemode: true },
    ]);
    expect(done).toMatchObject({ status: 201, body: { title: "S", stats: { additions: 1 } } });
    const raw = await send("GET", `${app}/repository/files/s%2Fa.txt/raw?ref=several`);
    expect(raw.body).toBe("a\n");
    const say = async (actions: unknown): Promise<unknown> =>
      field((await commit(actions, { branch: "several", start_branch: undefined })).body, "message");
    expect(await say([{ action: "burn", file_path: "x" }])).toContain(
      "actions[0][action] must be one of: create, update, move, delete, chmod",
    );
    expect(await say([{ action: "create", file_path: "s/a.txt", content: "" }])).toBe(
      "A file with this name already exists",
    );
    expect(await say([{ action: "delete", file_path: "none" }])).toBe("A file with this name doesn't exist");
    expect(
      await say([{ action: "update", file_path: "s/a.txt", content: "b", last_commit_id: "0".repeat(40) }]),
    ).toContain("has changed since you started");
    expect(await say([])).toContain("Provide at least one action");
    expect(
      (await commit([{ action: "delete", file_path: "LICENSE" }], { branch: "main", start_branch: undefined })).status,
    ).not.toBe(403);
  });

  test("a developer's commit to a protected branch is 403 where the files API says 400", async () => {
    const actions = [{ action: "create", file_path: "p.txt", content: "x" }];
    const commit = { branch: "main", commit_message: "P", actions };
    expect(await send("POST", `${app}/repository/commits`, commit, "ben")).toMatchObject({
      status: 403,
      body: { message: "403 Forbidden - You are not allowed to push into this branch" },
    });
  });

  test("cherry-picked, and taken back", async () => {
    await send("POST", `${app}/repository/branches`, { branch: "picks", ref: "main" });
    const file = { branch: "picks", commit_message: "Pick me", content: "x\n" };
    await send("POST", `${app}/repository/files/pick.txt`, file);
    const [head] = (await send("GET", `${app}/repository/commits?ref_name=picks`)).body as { id: string }[];
    const commit = `${app}/repository/commits/${head?.id ?? ""}`;
    expect(await send("POST", `${commit}/revert`, { branch: "picks", dry_run: true })).toMatchObject({
      body: { dry_run: "success" },
    });
    expect(await send("POST", `${commit}/revert`, { branch: "picks" })).toMatchObject({
      status: 201,
      body: { title: 'Revert "Pick me"' },
    });
    expect(await send("POST", `${commit}/cherry_pick`, { branch: "picks" })).toMatchObject({ status: 201 });
    expect((await send("POST", `${commit}/cherry_pick`, { branch: "picks" })).status).toBe(400);
  });
});

describe("who may do what", () => {
  test("an administrator acts as others, nobody else does", async () => {
    expect((await send("GET", "/user?sudo=ben", undefined, "root")).body).toMatchObject({ username: "ben" });
    expect(await send("GET", "/user?sudo=ben")).toMatchObject({
      status: 403,
      body: { message: "403 Forbidden - Must be admin to use sudo" },
    });
  });

  test("a guest lists releases, without what belongs to the code", async () => {
    const releases = await send("GET", `${app}/releases`, undefined, "guest");
    expect(releases.status).toBe(200);
    expect(field(releases.body, 0)).not.toHaveProperty("tag_name");
    expect((await send("GET", `${app}/releases/v1.4.0`, undefined, "guest")).status).toBe(403);
  });

  test("jobs and notes of a public project need a token", async () => {
    expect((await api(`${website}/jobs`)).status).toBe(401);
    const issue = field((await send("POST", `${website}/issues`, { title: "Public" })).body, "iid");
    expect((await api(`${website}/issues/${String(issue)}/notes`)).status).toBe(401);
  });

  test("offset pagination is what it says, except where values are declared", async () => {
    expect((await send("GET", `${app}/repository/tree?pagination=offset`)).status).toBe(400);
    for (const path of [
      "/projects",
      "/groups",
      "/users",
      `${app}/issues`,
      `${app}/jobs`,
      `${app}/repository/branches`,
    ]) {
      expect((await send("GET", `${path}?pagination=offset`)).status).toBe(200);
    }
  });
});

describe("groups, members, forks", () => {
  test("a subgroup that says nothing is private", async () => {
    const { id } = (await send("GET", "/groups/acme")).body as { id: number };
    expect((await send("POST", "/groups", { name: "Quiet", path: "quiet", parent_id: id })).body).toMatchObject({
      visibility: "private",
    });
  });

  test("several people become members at once", async () => {
    for (const username of ["mia", "tom"]) emulator().users.create({ username });
    const ids = ["mia", "tom"].map((name) => emulator().state.userByName(name)?.id).join(",");
    expect(await send("POST", `${app}/members`, { user_id: ids, access_level: 30 })).toMatchObject({ status: 201 });
    expect(pluck((await send("GET", `${app}/members`)).body, "username")).toEqual(
      expect.arrayContaining(["mia", "tom"]),
    );
  });

  test("an administrator forks into somebody else's namespace, others do not", async () => {
    const fork = { namespace_path: "ben", path: "forked-for-ben" };
    expect((await send("POST", `${app}/fork`, fork)).status).toBe(404);
    expect(await send("POST", `${app}/fork`, fork, "root")).toMatchObject({
      status: 201,
      body: { path_with_namespace: "ben/forked-for-ben" },
    });
  });
});

describe("planning", () => {
  test("a note is not emptied", async () => {
    const path = `${app}/issues/1/notes`;
    const id = String(field((await send("POST", path, { body: "Full" })).body, "id"));
    expect((await send("PUT", `${path}/${id}`, { body: " " })).status).toBe(400);
  });

  test("where merges are rebased, an advanced target asks for a rebase, which is done on request", async () => {
    await send("PUT", app, { merge_method: "rebase_merge" });
    const commit = (branch: string, path: string, start?: string): ReturnType<typeof api> =>
      send("POST", `${app}/repository/commits`, {
        branch,
        start_branch: start,
        commit_message: path,
        actions: [{ action: "create", file_path: path, content: path }],
      });
    await commit("rebasing", "rebasing.txt", "main");
    await commit("main", "advanced.txt");
    const made = await send("POST", `${app}/merge_requests`, {
      source_branch: "rebasing",
      target_branch: "main",
      title: "R",
    });
    const path = `${app}/merge_requests/${String(field(made.body, "iid"))}`;
    expect((await send("GET", path)).body).toMatchObject({ detailed_merge_status: "need_rebase" });
    expect(await send("PUT", `${path}/rebase`)).toMatchObject({ status: 202, body: { rebase_in_progress: true } });
    expect((await send("GET", path)).body).toMatchObject({ detailed_merge_status: "mergeable" });
    await send("PUT", app, { merge_method: "merge" });
  });

  test("wiki pages are found by what they say", async () => {
    await send("POST", `${app}/wikis`, { title: "Runbook", content: "Restart the zebra" });
    const found = await send("GET", `${app}/search?scope=wiki_blobs&search=zebra`);
    expect(found.body).toMatchObject([{ basename: "Runbook", data: "Restart the zebra" }]);
  });

  test("scoped labels exclude each other", async () => {
    const made = await send("POST", `${app}/issues`, { title: "Scoped", labels: "prio::1,bug" });
    const path = `${app}/issues/${String(field(made.body, "iid"))}`;
    expect((await send("PUT", path, { add_labels: "prio::2" })).body).toMatchObject({ labels: ["bug", "prio::2"] });
  });

  test("a commit that reaches the default branch closes what it says", async () => {
    const iid = String(field((await send("POST", `${app}/issues`, { title: "To close" })).body, "iid"));
    const file = { branch: "main", commit_message: `Mend it\n\nCloses #${iid}`, content: iid };
    await send("POST", `${app}/repository/files/closes-${iid}.txt`, file);
    expect((await send("GET", `${app}/issues/${iid}`)).body).toMatchObject({ state: "closed" });
  });

  test("assignments, mentions and reviews wait on somebody's list", async () => {
    const ben = field((await send("GET", "/user", undefined, "ben")).body, "id");
    await send("POST", `${app}/issues`, { title: "For Ben", assignee_ids: [ben] });
    const todos = (await send("GET", "/todos?action=assigned", undefined, "ben")).body;
    expect(field(todos, 0)).toMatchObject({ action_name: "assigned", state: "pending", target: { title: "For Ben" } });
    const id = String(field(todos, 0, "id"));
    expect((await send("POST", `/todos/${id}/mark_as_done`, undefined, "ben")).body).toMatchObject({ state: "done" });
  });

  test("what happened is told, in a project and by a person", async () => {
    expect(((await send("GET", `${app}/events`)).body as unknown[]).length).toBeGreaterThan(0);
    expect(
      ((await send("GET", "/events?target_type=issue", undefined, "ben")).body as unknown[]).length,
    ).toBeGreaterThan(0);
  });

  test("a release that is refused for its milestone leaves no tag", async () => {
    const release = { tag_name: "v77", ref: "main", milestones: ["nope"] };
    expect((await send("POST", `${app}/releases`, release)).status).toBe(400);
    expect((await send("GET", `${app}/repository/tags/v77`)).status).toBe(404);
  });
});

describe("names and values that GitLab does not take", () => {
  test.each([
    ["POST", "/projects", { name: "a/b" }],
    ["POST", "/projects", { name: "-a" }],
    ["POST", "/projects", { name: "a!" }],
    ["POST", "/groups", { name: "a/b", path: "ab1" }],
    ["POST", "/groups", { name: "a!", path: "ab2" }],
    ["PUT", app, {}],
    ["POST", `${app}/labels`, { name: "x".repeat(256), color: "#112233" }],
    ["POST", `${app}/snippets`, { title: "x", content: "x", visibility: "private" }],
    ["POST", `${app}/hooks`, { url: "https://example.com", custom_headers: [null] }],
    ["POST", `${app}/releases`, { tag_name: "v78", ref: "main", assets: { links: [null] } }],
    ["POST", `${app}/snippets`, { title: "x", visibility: "private", files: [null] }],
    ["PUT", "/groups/acme", { visibility: "private" }],
  ])("%s %s %j", async (method, path, body) => {
    expect((await send(method, path, body)).status).toBe(400);
  });

  test("comments on commits", async () => {
    const [commit] = (await send("GET", `${app}/repository/commits`)).body as { id: string }[];
    const comments = `${app}/repository/commits/${commit?.id ?? ""}/comments`;
    expect(await send("POST", comments, { note: "x", path: "README.md" })).toMatchObject({
      status: 400,
      body: { error: "line is missing" },
    });
    expect(await send("POST", comments, { note: "x", path: "none.txt", line: 1, line_type: "new" })).toMatchObject({
      status: 201,
      body: { path: null, line: null },
    });
  });
});

describe("CI configuration", () => {
  const lint = (content: string): ReturnType<typeof api> =>
    send("POST", `${app}/ci/lint`, { content, include_jobs: true });

  test("the linter says what is wrong, and what the emulator does not act upon", async () => {
    expect((await lint("test:\n  script: x\n")).body).toMatchObject({
      valid: true,
      errors: [],
      jobs: [{ name: "test" }],
    });
    expect((await lint("test:\n  script: x\n  needs: [none]\n")).body).toMatchObject({
      valid: false,
      errors: ["test job: undefined need: none"],
    });
    expect((await lint("test:\n  script: x\n  scirpt: y\n")).body).toMatchObject({
      errors: ["jobs:test config contains unknown keys: scirpt"],
    });
    expect(JSON.stringify((await lint("include: a.yml\ntest:\n  script: x\n  parallel: 3\n")).body)).toContain(
      "emulator does not act upon",
    );
  });

  test("a push makes a pipeline, one that says [ci skip] does not", async () => {
    const newest = async (): Promise<unknown> =>
      field((await send("GET", `${app}/pipelines?ref=pushed`)).body, "length");
    await send("POST", `${app}/repository/branches`, { branch: "pushed", ref: "main" });
    const before = Number(await newest());
    const file = { branch: "pushed", commit_message: "Push", content: "1" };
    await send("POST", `${app}/repository/files/pushed.txt`, file);
    expect(await newest()).toBe(before + 1);
    await send("PUT", `${app}/repository/files/pushed.txt`, {
      ...file,
      content: "2",
      commit_message: "Push [ci skip]",
    });
    expect(await newest()).toBe(before + 1);
  });
});

describe("the emulator itself", () => {
  test("remembers what served a request, and no large bodies", async () => {
    await send("GET", `${app}/labels`);
    expect(emulator().requests.at(-1)).toMatchObject({ servedBy: "special" });
    await send("GET", `${app}/environments`);
    expect(emulator().requests.at(-1)).toMatchObject({ servedBy: "resource" });
    await send("POST", `${app}/repository/files/large.txt`, {
      branch: "large",
      commit_message: "x",
      content: "x".repeat(70_000),
    });
    expect(emulator().requests.at(-1)).toMatchObject({ body: {} });
    expect(emulator().requests.at(-1)?.bodyBytes).toBeGreaterThan(70_000);
  });

  test("takes an absolute address, as it comes through a proxy", async () => {
    const { hostname, port } = new URL(emulator().baseUrl);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = createConnection(Number(port), hostname, () => {
        socket.write(
          `GET http://gitlab.test/api/v4/user HTTP/1.1\r\nHost: gitlab.test\r\nPRIVATE-TOKEN: ${token("ada")}\r\nConnection: close\r\n\r\n`,
        );
      });
      let text = "";
      socket
        .on("data", (data) => (text += data.toString()))
        .on("end", () => {
          resolve(text);
        })
        .on("error", reject);
    });
    expect(answer).toContain("200 OK");
    expect(answer).toContain('"username":"ada"');
  });
});

describe("bad days", () => {
  test("maintenance lets reads through", async () => {
    emulator().conditions.maintenance = true;
    expect((await send("GET", app)).status).toBe(200);
    const answer = await send("POST", `${app}/issues`, { title: "x" });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("60");
    emulator().conditions.maintenance = false;
  });

  test("a replica does not have yet what was just made", async () => {
    emulator().conditions.replicaLagSeconds = 5;
    const made = await send("POST", `${app}/issues`, { title: "Lagging" });
    const path = `${app}/issues/${String(field(made.body, "iid"))}`;
    expect((await send("GET", path)).status).toBe(404);
    emulator().clock.advance(6);
    expect((await send("GET", path)).status).toBe(200);
    emulator().conditions.replicaLagSeconds = 0;
  });

  test("failures come by rate, the same ones for the same seed", async () => {
    const run = async (): Promise<number[]> => {
      emulator().conditions.seed(7);
      const statuses = [];
      for (let call = 0; call < 12; call += 1) statuses.push((await send("GET", app)).status);
      return statuses;
    };
    emulator().conditions.failures = [{ rate: 0.5, status: 502 }];
    const first = await run();
    expect(new Set(first)).toEqual(new Set([200, 502]));
    expect(await run()).toEqual(first);
    emulator().conditions.failures = [];
  });

  test("an endpoint has a limit of its own", async () => {
    emulator().conditions.endpointLimits = [{ operationId: "postApiV4ProjectsIdIssues", limit: 1, periodSeconds: 60 }];
    await send("POST", `${app}/issues`, { title: "x" }, "ben");
    expect(await send("POST", `${app}/issues`, { title: "x" }, "ben")).toMatchObject({
      status: 429,
      body: { message: { error: "This endpoint has been requested too many times. Try again later." } },
    });
    expect((await send("GET", `${app}/issues`, undefined, "ben")).status).toBe(200);
    emulator().conditions.endpointLimits = [];
  });

  test("endpoints are limited as on GitLab.com: comments together, files one by one, another user by itself", async () => {
    const known = new Set(routing().endpoints.map(({ operation }) => operation.operationId));
    expect(gitlabComLimits.filter(({ operationId }) => !known.has(operationId))).toEqual([]);
    emulator().conditions.endpointLimits = "gitlab.com";
    for (let count = 0; count < 30; count += 1) {
      await send("POST", `${app}/issues/1/notes`, { body: "x" }, "ben");
      await send("POST", `${app}/issues/1/discussions`, { body: "x" }, "ben");
    }
    expect(await send("POST", `${app}/issues/2/notes`, { body: "x" }, "ben")).toMatchObject({
      status: 429,
      body: { message: { error: "This endpoint has been requested too many times. Try again later." } },
    });
    expect((await send("POST", `${app}/issues/2/notes`, { body: "x" }, "ada")).status).toBe(201);
    for (let count = 0; count < 5; count += 1) await send("GET", `${app}/repository/archive`, undefined, "ben");
    expect((await send("GET", `${app}/repository/archive`, undefined, "ben")).status).toBe(429);
    expect((await send("GET", `${app}/issues/1/notes`, undefined, "ben")).status).toBe(200);
    emulator().conditions.endpointLimits = [];
  });
});

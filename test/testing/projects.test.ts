import { describe, expect, test } from "vitest";
import { field, pluck, setup } from "./client.js";

const { api, emulator } = setup();
const app = "/projects/acme%2Fapp";

const names = async (path: string, as: string): Promise<unknown[]> =>
  pluck((await api(path, { as })).body, "path_with_namespace");

describe("who sees what", () => {
  test("private, internal and public projects", async () => {
    emulator().users.create({ username: "stranger" });
    expect(await names("/projects?order_by=path&sort=asc", "stranger")).toEqual(["acme/platform/api", "acme/website"]);
    expect((await names("/projects", "ben")).length).toBe(3);
    expect((await names("/projects?membership=true&visibility=private", "guest")).length).toBe(1);
    expect((await names("/projects", "root")).length).toBe(4);
    const hidden = { status: 404, body: { message: "404 Project Not Found" } };
    expect(await api(app, { as: "stranger" })).toMatchObject(hidden);
    expect(await api(app)).toMatchObject(hidden);
    expect(await api("/projects/ada%2Fnotes", { as: "ben" })).toMatchObject(hidden);
    expect(await api("/projects/acme%2Fwebsite")).toMatchObject({ status: 200, body: { visibility: "public" } });
  });

  test("a project says what its reader may do", async () => {
    const permissions = async (as: string): Promise<unknown> => field((await api(app, { as })).body, "permissions");
    expect(await permissions("ada")).toEqual({
      project_access: null,
      group_access: { access_level: 50, notification_level: 3 },
    });
    expect(await permissions("guest")).toMatchObject({ group_access: { access_level: 10 } });
  });
});

describe("lists", () => {
  test.each([
    ["/projects?owned=true&order_by=path&sort=asc", ["acme/platform/api", "acme/app", "ada/notes", "acme/website"]],
    ["/projects?search=customer", ["acme/app"]],
    ["/projects?topic=typescript", ["acme/app"]],
    ["/projects?min_access_level=50&visibility=public", ["acme/website"]],
    ["/groups/acme/projects?order_by=path&sort=asc", ["acme/app", "acme/website"]],
    ["/groups/acme/projects?include_subgroups=true&search=api", ["acme/platform/api"]],
    ["/users/ada/projects", ["ada/notes"]],
  ])("%s", async (path, expected) => {
    expect(await names(path, "ada")).toEqual(expected);
  });

  test("simple ones, and those for nobody in particular, are short", async () => {
    for (const answer of [await api("/projects?simple=true", { as: "ada" }), await api("/projects")]) {
      expect(field(answer.body, 0)).toHaveProperty("web_url");
      expect(field(answer.body, 0)).not.toHaveProperty("permissions");
      expect(field(answer.body, 0)).not.toHaveProperty("merge_method");
    }
  });
});

describe("making and changing", () => {
  test("a project in one's own namespace or in a group", async () => {
    const mine = await api("/projects", { as: "ben", json: { name: "My First Project" } });
    expect(mine).toMatchObject({
      status: 201,
      body: {
        path_with_namespace: "ben/my-first-project",
        visibility: "private",
        empty_repo: true,
        default_branch: null,
      },
    });
    const group = emulator().state.groupByPath("acme")?.id;
    const ours = await api("/projects", {
      as: "ben",
      json: { name: "Ours", namespace_id: group, initialize_with_readme: true },
    });
    expect(ours).toMatchObject({ status: 201, body: { path_with_namespace: "acme/ours", default_branch: "main" } });
    expect(await api("/projects", { as: "guest", json: { name: "No", namespace_id: group } })).toMatchObject({
      status: 400,
      body: { message: { namespace: ["is not valid"] } },
    });
    expect(await api("/projects", { as: "ben", json: { name: "Ours", namespace_id: group } })).toMatchObject({
      status: 400,
      body: { message: { path: ["has already been taken"] } },
    });
    expect(await api("/projects", { as: "ben", json: {} })).toMatchObject({
      status: 400,
      body: { error: "name, path are missing, at least one parameter must be provided" },
    });
  });

  test("settings stay, whatever form they came in", async () => {
    const form = { description: "Changed", issues_enabled: "false", merge_method: "ff", build_timeout: "600" };
    const changed = await api(app, { as: "ada", method: "PUT", form });
    expect(changed).toMatchObject({
      status: 200,
      body: { description: "Changed", issues_enabled: false, issues_access_level: "disabled", build_timeout: 600 },
    });
    expect((await api(`${app}/issues`, { as: "ada" })).status).toBe(403);
    await api(app, { as: "ada", method: "PUT", json: { issues_access_level: "enabled" } });
    expect((await api(app, { as: "ben" })).body).toMatchObject({ issues_enabled: true, merge_method: "ff" });
    expect((await api(app, { as: "ben", method: "PUT", json: { description: "x" } })).status).toBe(403);
  });

  test("a project that was renamed is found by reading only", async () => {
    const path = "/projects/acme%2Fwebsite";
    const renamed = await api(path, { as: "ada", method: "PUT", json: { path: "site" } });
    expect(renamed).toMatchObject({ status: 200, body: { path_with_namespace: "acme/site" } });
    const moved = await api(`${path}/issues?state=opened`, { as: "ben" });
    expect(moved.status).toBe(301);
    const id = String(field(renamed.body, "id"));
    expect(field(moved.body, "message")).toContain("This resource has been moved permanently");
    expect(moved.headers.get("location")).toBe(`${emulator().baseUrl}/api/v4/projects/${id}/issues?state=opened`);
    expect(await api(`${path}/issues`, { as: "ben", json: { title: "x" } })).toMatchObject({
      status: 405,
      body: { message: "Non GET methods are not allowed for moved projects" },
    });
    // Nobody learns of a move who may not see the project.
    await api(`/projects/${id}`, { as: "ada", method: "PUT", json: { visibility: "private" } });
    expect((await api(path, { as: "stranger" })).status).toBe(404);
  });

  test("forks and stars", async () => {
    const fork = await api(`${app}/fork`, { as: "ben", method: "POST" });
    expect(fork).toMatchObject({
      status: 201,
      body: { path_with_namespace: "ben/app", forked_from_project: { path_with_namespace: "acme/app" } },
    });
    expect((await api(`${app}/fork`, { as: "ben", method: "POST" })).status).toBe(409);
    expect(await names(`${app}/forks`, "ben")).toEqual(["ben/app"]);
    const star = (verb: string): ReturnType<typeof api> => api(`${app}/${verb}`, { as: "guest", method: "POST" });
    expect(await star("star")).toMatchObject({ status: 201, body: { star_count: 2 } });
    expect(await star("star")).toMatchObject({ status: 304, body: "" });
    expect((await star("unstar")).status).toBe(201);
    expect((await star("unstar")).status).toBe(304);
  });

  test("deleting marks first, and frees the path", async () => {
    const { body } = await api("/projects", { as: "ben", json: { name: "Short-lived" } });
    const path = "/projects/ben%2Fshort-lived";
    expect((await api(path, { as: "ada", method: "DELETE" })).status).toBe(404);
    expect(await api(path, { as: "ben", method: "DELETE" })).toMatchObject({
      status: 202,
      body: { message: "202 Accepted" },
    });
    expect((await api(path, { as: "ben" })).status).toBe(404);
    const byId = `/projects/${String(field(body, "id"))}`;
    const marked = await api(byId, { as: "ben" });
    expect(field(marked.body, "marked_for_deletion_on")).toBe("2026-03-04");
    const fullPath = encodeURIComponent(String(field(marked.body, "path_with_namespace")));
    const remove = await api(`${byId}?permanently_remove=true&full_path=${fullPath}`, { as: "ben", method: "DELETE" });
    expect(remove.status).toBe(202);
    expect((await api(byId, { as: "ben" })).status).toBe(404);
  });
});

describe("what belongs to a project", () => {
  test("variables, one for each environment", async () => {
    const path = `${app}/variables`;
    expect((await api(path, { as: "ben" })).status).toBe(403);
    expect(await api(`${path}/NOPE`, { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 Variable Not Found" },
    });
    const staging = `${path}/DEPLOY_URL?filter[environment_scope]=staging`;
    expect(await api(`${path}/DEPLOY_URL`, { as: "ada" })).toMatchObject({ status: 409 });
    expect(await api(staging, { as: "ada" })).toMatchObject({ body: { value: "https://staging.acme.example" } });
    const make = (json: object): ReturnType<typeof api> => api(path, { as: "ada", json });
    expect(await make({ key: "NPM_REGISTRY", value: "x" })).toMatchObject({
      status: 400,
      body: { message: { key: ["(NPM_REGISTRY) has already been taken"] } },
    });
    expect(await make({ key: "a-b", value: "x" })).toMatchObject({ status: 400 });
    expect(await make({ key: "SHORT", value: "x", masked: true })).toMatchObject({
      status: 400,
      body: { message: { value: ["is invalid"] } },
    });
    expect(await make({ key: "HIDDEN", value: "long-enough", masked_and_hidden: true })).toMatchObject({
      status: 201,
      body: { masked: true, hidden: true, value: null },
    });
    expect(await api(`${path}/HIDDEN`, { as: "ada", method: "DELETE" })).toMatchObject({ status: 204, body: "" });
  });

  test("webhooks", async () => {
    const path = `${app}/hooks`;
    expect((await api(path, { as: "ben" })).status).toBe(403);
    expect((await api(path, { as: "ada", json: { url: "ftp://example.com" } })).status).toBe(422);
    const made = await api(path, {
      as: "ada",
      json: { url: "https://example.com", token: "secret", job_events: true },
    });
    expect(made).toMatchObject({ status: 201, body: { job_events: true, push_events: true, token_present: true } });
    expect(JSON.stringify(made.body)).not.toContain('"secret"');
    const one = `${path}/${String(field(made.body, "id"))}`;
    const changed = await api(one, { as: "ada", method: "PUT", json: { push_events: false } });
    expect(changed).toMatchObject({ body: { push_events: false, job_events: true } });
    expect((await api(one, { as: "ada", method: "DELETE" })).status).toBe(204);
    expect(await api(one, { as: "ada" })).toMatchObject({ status: 404, body: { message: "404 Not found" } });
  });

  test("keys", async () => {
    expect((await api(`${app}/deploy_keys`, { as: "ben" })).status).toBe(403);
    expect(await api("/user/keys", { as: "ben", json: { title: "x", key: "no key" } })).toMatchObject({
      status: 400,
      body: { message: { key: expect.any(Array) as unknown } },
    });
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtleS1vZi1hLXRlc3Qta2V5LW9mLWEtdGVzdDEy ben";
    expect((await api("/user/keys", { as: "ben", json: { title: "x", key } })).status).toBe(201);
    expect(await api("/user/keys", { as: "ada", json: { title: "y", key } })).toMatchObject({
      status: 400,
      body: { message: { fingerprint_sha256: ["has already been taken"] } },
    });
  });

  test("snippets with one file or several", async () => {
    const path = `${app}/snippets`;
    const files = [
      { file_path: "a.txt", content: "a" },
      { file_path: "b.txt", content: "b" },
    ];
    const made = await api(path, {
      as: "ben",
      json: { title: "Two", visibility: "private", file_name: "a.txt", files },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { file_name: "a.txt", files: [{ path: "a.txt" }, { path: "b.txt" }] },
    });
    const one = `${path}/${String(field(made.body, "id"))}`;
    const actions = [
      { action: "move", previous_path: "a.txt", file_path: "c.txt" },
      { action: "update", file_path: "b.txt", content: "B" },
      { action: "create", file_path: "d.txt", content: "d" },
    ];
    const changed = await api(one, { as: "ben", method: "PUT", json: { files: actions } });
    expect(pluck(field(changed.body, "files"), "path")).toEqual(["b.txt", "c.txt", "d.txt"]);
    expect((await api(`${one}/raw`, { as: "ada" })).body).toBe("B");
    expect(await api(one, { as: "ben", method: "PUT", json: {} })).toMatchObject({ status: 400 });
    expect(await api(one, { as: "guest", method: "DELETE" })).toMatchObject({ status: 403 });
    expect(await api(`${path}/1`, { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 Snippet Not Found" },
    });
  });

  test("search, by scope", async () => {
    const found = async (scope: string, text: string, as = "ada"): Promise<unknown[]> =>
      (await api(`${app}/search?scope=${scope}&search=${encodeURIComponent(text)}`, { as })).body as unknown[];
    expect(await found("blobs", "createServer filename:server.ts")).toMatchObject([
      { path: "src/server.ts", ref: "main" },
    ]);
    expect(await found("commits", "Serve the portal")).toMatchObject([{ title: "Serve the portal" }]);
    expect(await found("users", "ben")).toMatchObject([{ username: "ben" }]);
    expect((await found("merge_requests", "webhooks")).length).toBeGreaterThan(0);
    expect((await found("notes", "database")).length).toBeGreaterThan(0);
    expect(await api(`${app}/search?scope=blobs&search=x`, { as: "guest" })).toMatchObject({ status: 403 });
    const all = await api("/search?scope=projects&search=acme", { as: "stranger" });
    expect(pluck(all.body, "path_with_namespace")).not.toContain("acme/app");
  });
});

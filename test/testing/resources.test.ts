import { describe, expect, test } from "vitest";
import { field, pluck, setup } from "./client.js";

const { api } = setup();
const app = "/projects/acme%2Fapp";
const post = (path: string, json: unknown, as = "ada"): ReturnType<typeof api> => api(path, { as, json });
const put = (path: string, json: unknown, as = "ada"): ReturnType<typeof api> => api(path, { as, json, method: "PUT" });
const remove = (path: string, as = "ada"): ReturnType<typeof api> => api(path, { as, method: "DELETE" });

/** Plain resources: where they are, what makes one, what changes it, what it is found by. */
const plain = [
  {
    path: "/feature_flags",
    make: { name: "dark-mode", active: "false" },
    change: { description: "New" },
    key: "name",
    tells: 200,
  },
  { path: "/wikis", make: { title: "How to", content: "Hello" }, change: { content: "Hi" }, key: "slug", tells: 204 },
  {
    path: "/pipeline_schedules",
    make: { description: "Nightly", ref: "main", cron: "0 1 * * *" },
    change: { active: false },
    key: "id",
    tells: 204,
  },
  { path: "/triggers", make: { description: "From outside" }, change: { description: "x" }, key: "id", tells: 204 },
  {
    path: "/freeze_periods",
    make: { freeze_start: "0 23 * * 5", freeze_end: "0 8 * * 1" },
    change: { freeze_end: "0 9 * * 1" },
    key: "id",
    tells: 204,
  },
  {
    path: "/badges",
    make: { link_url: "https://example.com", image_url: "https://example.com/a.svg" },
    change: { name: "x" },
    key: "id",
    tells: 204,
  },
] as const;

describe("a resource that is declared as data", () => {
  test.each(plain)("$path: made, listed, read, changed, deleted", async ({ path, make, change, key, tells }) => {
    const made = await post(app + path, make);
    expect(made.status).toBe(201);
    const one = `${app}${path}/${encodeURIComponent(String(field(made.body, key)))}`;
    expect(pluck((await api(app + path, { as: "ada" })).body, key)).toContain(field(made.body, key));
    expect((await api(one, { as: "ada" })).status).toBe(200);
    expect(await put(one, change)).toMatchObject({ status: 200, body: change });
    expect((await remove(one)).status).toBe(tells);
    expect((await api(one, { as: "ada" })).status).toBe(404);
  });

  test.each(plain)("$path: is not for guests to write, nor for strangers to see", async ({ path, make }) => {
    expect((await post(app + path, make, "guest")).status).toBe(403);
    expect((await api(app + path)).status).toBe(404);
  });

  test("says which name is taken", async () => {
    await post(`${app}/feature_flags`, { name: "twice" });
    expect(await post(`${app}/feature_flags`, { name: "twice" })).toMatchObject({
      status: 400,
      body: { message: { name: ["has already been taken"] } },
    });
  });

  test("is in pages", async () => {
    for (const title of ["a", "b", "c"]) await post(`${app}/wikis`, { title, content: title });
    const page = await api(`${app}/wikis?per_page=2&page=2`, { as: "ada" });
    expect(page.headers.get("x-total")).toBe("3");
    expect(page.body).toHaveLength(1);
  });
});

describe("environments and deployments", () => {
  test("a deployment makes its environment, which has to be stopped before it is deleted", async () => {
    const main = field((await api(`${app}/repository/branches/main`, { as: "ada" })).body, "commit", "id");
    const deployment = { environment: "production", sha: main, ref: "main", tag: false, status: "success" };
    expect(await post(`${app}/deployments`, deployment)).toMatchObject({
      status: 201,
      body: { status: "success", sha: main, environment: { name: "production" } },
    });
    const [environment] = (await api(`${app}/environments?name=production`, { as: "ada" })).body as { id: number }[];
    const one = `${app}/environments/${String(environment?.id)}`;
    expect((await api(one, { as: "ada" })).body).toMatchObject({
      state: "available",
      tier: "production",
      slug: "production",
    });
    expect((await remove(one)).status).toBe(403);
    expect((await post(`${one}/stop`, {})).body).toMatchObject({ state: "stopped" });
    expect((await remove(one)).status).toBe(204);
  });

  test("a name with a slash has a slug, and no name comes twice", async () => {
    const made = await post(`${app}/environments`, { name: "review/login", external_url: "https://x.example" });
    expect(field(made.body, "slug")).toMatch(/^review-login-[0-9a-f]{6}$/);
    expect((await post(`${app}/environments`, { name: "review/login" })).status).toBe(400);
  });
});

describe("protected branches and tags", () => {
  test("what is protected is listed, and nobody protects it twice", async () => {
    expect(pluck((await api(`${app}/protected_branches`, { as: "ada" })).body, "name")).toContain("main");
    expect(await post(`${app}/protected_branches`, { name: "main" })).toMatchObject({
      status: 409,
      body: { message: "Protected branch 'main' already exists" },
    });
  });

  test("who may push follows the protection", async () => {
    const branch = { branch: "release/9", ref: "main" };
    await post(`${app}/repository/branches`, branch);
    await post(`${app}/protected_branches`, { name: "release/*" });
    const file = { branch: "release/9", commit_message: "Try", content: "x" };
    expect(await post(`${app}/repository/files/a.txt`, file, "ben")).toMatchObject({
      status: 400,
      body: { message: "You are not allowed to push into this branch" },
    });
    const rule = `${app}/protected_branches/release%2F*`;
    expect((await remove(rule)).status).toBe(204);
    expect((await post(`${app}/repository/files/a.txt`, file, "ben")).status).toBe(201);
    expect((await post(`${app}/protected_branches`, { name: "release/*", push_access_level: 30 })).status).toBe(201);
    expect((await post(`${app}/repository/files/b.txt`, file, "ben")).status).toBe(201);
    await remove(rule);
  });

  test("tags", async () => {
    expect(await post(`${app}/protected_tags`, { name: "v*" })).toMatchObject({
      status: 201,
      body: { name: "v*", create_access_levels: [{ access_level: 40 }] },
    });
    expect((await remove(`${app}/protected_tags/v*`)).status).toBe(204);
  });
});

describe("reactions", () => {
  test("are given once, and taken back by who gave them", async () => {
    const path = `${app}/issues/1/award_emoji`;
    const made = await post(path, { name: "thumbsup" }, "ben");
    expect(made).toMatchObject({ status: 201, body: { name: "thumbsup", user: { username: "ben" } } });
    expect((await post(path, { name: "thumbsup" }, "ben")).status).toBe(404);
    const one = `${path}/${String(field(made.body, "id"))}`;
    expect((await remove(one, "guest")).status).toBe(403);
    expect((await remove(one, "ben")).status).toBe(204);
  });
});

describe("a trigger's token", () => {
  test("starts a pipeline", async () => {
    const token = field((await post(`${app}/triggers`, { description: "x" })).body, "token");
    expect(await post(`${app}/trigger/pipeline`, { token, ref: "main", variables: { A: "1" } })).toMatchObject({
      status: 201,
      body: { ref: "main", source: "trigger" },
    });
    expect((await post(`${app}/trigger/pipeline`, { token: "wrong", ref: "main" })).status).toBe(404);
  });
});

import { describe, expect, test } from "vitest";
import { createGitLabEmulator } from "../../src/testing/index.js";
import { field, pluck, setup } from "./client.js";

const { api, emulator } = setup();

const idOf = (username: string): number => emulator().state.userByName(username)?.id ?? 0;

describe("groups", () => {
  test("are listed by what one may see, and filtered", async () => {
    const paths = async (query: string, as = "ada"): Promise<unknown[]> =>
      pluck((await api(`/groups?${query}`, { as })).body, "full_path");
    expect(await paths("")).toEqual(["acme", "acme/platform"]);
    expect(await paths("top_level_only=true")).toEqual(["acme"]);
    expect(await paths("search=plat")).toEqual(["acme/platform"]);
    expect(await paths("owned=true", "ben")).toEqual([]);
    expect(await paths("min_access_level=30", "ben")).toEqual(["acme", "acme/platform"]);
  });

  test("are made, changed and deleted by their owners", async () => {
    const made = await api("/groups", { as: "ben", json: { name: "Lab", path: "lab" } });
    expect(made).toMatchObject({ status: 201, body: { full_path: "lab", visibility: "private", parent_id: null } });
    expect((await api("/groups/lab", { as: "ada" })).status).toBe(404);
    const parent = field(made.body, "id");
    expect(await api("/groups", { as: "ben", json: { name: "In", path: "in", parent_id: parent } })).toMatchObject({
      body: { full_path: "lab/in" },
    });
    expect(await api("/groups", { as: "ben", json: { name: "Lab", path: "lab" } })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("has already been taken") as unknown },
    });
    expect(await api("/groups/acme", { as: "ben", method: "PUT", json: { name: "x" } })).toMatchObject({ status: 403 });
    const changed = await api("/groups/lab", { as: "ben", method: "PUT", json: { name: "Labs", lfs_enabled: false } });
    expect(changed).toMatchObject({ status: 200, body: { name: "Labs", lfs_enabled: false } });
    expect(await api("/groups/lab", { as: "ben", method: "DELETE" })).toMatchObject({
      status: 202,
      body: { message: "202 Accepted" },
    });
    expect(await api("/groups/lab", { as: "ben" })).toMatchObject({
      status: 404,
      body: { message: "404 Group Not Found" },
    });
  });

  test("show their projects unless told not to", async () => {
    const { body } = await api("/groups/acme", { as: "guest" });
    expect(pluck(field(body, "projects"), "path")).toEqual(["app", "website"]);
    expect((await api("/groups/acme?with_projects=false", { as: "guest" })).body).not.toHaveProperty("projects");
  });

  test("cannot be made at the top of GitLab.com", async () => {
    const hosted = await createGitLabEmulator({ instance: "gitlab.com" });
    const token = hosted.tokens.create({ username: "ada", scopes: ["api"] });
    const answer = await fetch(`${hosted.baseUrl}/api/v4/groups`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "x", path: "x" }),
    });
    await hosted.close();
    expect(answer.status).toBe(403);
  });
});

describe("members", () => {
  const path = "/projects/acme%2Fapp/members";

  test("are added once, by those who may, up to their own role", async () => {
    emulator().users.create({ username: "carla" });
    const add = (json: object, as = "ada"): ReturnType<typeof api> => api(path, { as, json });
    expect((await add({ user_id: idOf("carla"), access_level: 30 }, "ben")).status).toBe(403);
    expect(await add({ user_id: idOf("carla"), access_level: 31 })).toMatchObject({
      status: 400,
      body: { message: { access_level: ["is not included in the list"] } },
    });
    expect(await add({ username: "carla", access_level: 40 })).toMatchObject({
      status: 201,
      body: { username: "carla", access_level: 40, created_by: { username: "ada" } },
    });
    expect(await add({ username: "carla", access_level: 30 })).toMatchObject({
      status: 409,
      body: { message: "Member already exists" },
    });
    expect((await add({ username: "guest", access_level: 50 }, "carla")).status).toBe(403);
    expect(await add({ user_id: 1, access_level: 30 })).toMatchObject({
      status: 404,
      body: { message: "404 User Not Found" },
    });
    expect((await add({ access_level: 30 })).status).toBe(400);
    expect((await api("/projects/acme%2Fapp", { as: "carla" })).status).toBe(200);
    expect(pluck((await api(`${path}?query=car`, { as: "ada" })).body, "username")).toEqual(["carla"]);
  });

  test("are removed, or leave", async () => {
    const gone = await api(`${path}/${String(idOf("carla"))}`, { as: "carla", method: "DELETE" });
    expect(gone).toMatchObject({ status: 204, body: "" });
    expect((await api(`${path}/${String(idOf("carla"))}`, { as: "ada", method: "DELETE" })).status).toBe(404);
    const last = await api(`/groups/acme/members/${String(idOf("ada"))}`, { as: "ada", method: "DELETE" });
    expect(last.status).toBe(403);
  });

  test("inherit their role", async () => {
    const role = await api(`${path}/all/${String(idOf("ben"))}`, { as: "ada" });
    expect(role).toMatchObject({ status: 200, body: { access_level: 30 } });
    const lower = await api(path, { as: "ada", json: { username: "ben", access_level: 20 } });
    expect(lower.status).toBe(400);
  });

  test("until their membership ends", async () => {
    await api(path, { as: "ada", json: { username: "carla", access_level: 30, expires_at: "2026-03-05" } });
    expect((await api("/projects/acme%2Fapp", { as: "carla" })).status).toBe(200);
    const member = emulator()
      .state.projectByPath("acme/app")
      ?.members.find(({ userId }) => userId === idOf("carla"));
    if (member !== undefined) member.expiresAt = "2026-03-03";
    expect((await api("/projects/acme%2Fapp", { as: "carla" })).status).toBe(404);
  });
});

describe("namespaces tell their owners the plan", () => {
  test.each([
    ["gitlab.com", "free"],
    ["self-managed", "default"],
  ] as const)("on %s", async (instance, plan) => {
    const gitlab = await createGitLabEmulator({ instance, plan: "free" });
    const ask = async (username: string): Promise<unknown> => {
      const token = gitlab.tokens.create({ username, scopes: ["read_api"] });
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${gitlab.baseUrl}/api/v4/namespaces/acme`, { headers })).json();
    };
    const answers = [await ask("ada"), await ask("ben")];
    await gitlab.close();
    expect(answers[0]).toMatchObject({ kind: "group", full_path: "acme", plan });
    expect(answers[1]).not.toHaveProperty("plan");
  });
});

describe("users", () => {
  test("are found by name in part, by address only whole", async () => {
    const found = async (query: string): Promise<unknown[]> =>
      pluck((await api(`/users?${query}`, { as: "ben" })).body, "username");
    expect(await found("search=alm")).toEqual(["ada"]);
    expect(await found("search=ada@exam")).toEqual([]);
    expect(await found("search=ada@example.com")).toEqual(["ada"]);
    expect(await found("username=BEN")).toEqual(["ben"]);
    expect(await found("username=nobody")).toEqual([]);
  });

  test("without a token only one that is known by name", async () => {
    expect((await api("/users")).status).toBe(403);
    expect((await api("/users?username=ada")).status).toBe(200);
  });

  test("one who does not exist", async () => {
    expect(await api("/users/1", { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 User Not Found" },
    });
    expect(await api("/users/ada", { as: "ada" })).toMatchObject({ status: 400, body: { error: "id is invalid" } });
  });
});

import { describe, expect, test } from "vitest";
import { field, setup } from "./client.js";

const { emulator, api } = setup();
const app = "/projects/acme%2Fapp";
const send = (method: string, path: string, json?: unknown, as = "ada"): ReturnType<typeof api> =>
  api(path, { as, method, json });

describe("who may act besides people", () => {
  test.each([app, "/groups/acme"])("%s: an access token works as a bot until it is taken back", async (place) => {
    const made = await send("POST", `${place}/access_tokens`, { name: "CI", scopes: ["api"], access_level: 30 });
    expect(made).toMatchObject({ status: 201, body: { name: "CI", access_level: 30, active: true } });
    const token = String(field(made.body, "token"));
    expect((await api(app, { token })).status).toBe(200);
    expect((await api("/user", { token })).body).toMatchObject({ bot: true });
    const listed = await api(`${place}/access_tokens`, { as: "ada" });
    expect(listed.body).toMatchObject([{ name: "CI" }]);
    expect(JSON.stringify(listed.body)).not.toContain(token);
    expect((await send("DELETE", `${place}/access_tokens/${String(field(made.body, "id"))}`)).status).toBe(204);
    expect((await api(app, { token })).status).toBe(401);
    expect(JSON.stringify(emulator().snapshot())).not.toContain(token);
  });

  test("a token is not for developers to make, nor above its maker's role", async () => {
    const body = { name: "x", scopes: ["api"], access_level: 50 };
    expect((await send("POST", `${app}/access_tokens`, body, "ben")).status).toBe(403);
    expect((await send("POST", `${app}/access_tokens`, { name: "x" })).body).toEqual({ error: "scopes is missing" });
  });

  test("invitations wait for people without an account; others are members at once", async () => {
    const invite = { email: ["new@example.com", "newer@example.com"], access_level: 30 };
    expect(await send("POST", `${app}/invitations`, invite)).toMatchObject({
      status: 201,
      body: { status: "success" },
    });
    expect((await api(`${app}/invitations`, { as: "ada" })).body).toMatchObject([
      { invite_email: "new@example.com", created_by_name: "Ada Almeida" },
      { invite_email: "newer@example.com" },
    ]);
    await send("POST", `${app}/invitations`, { email: ["root@example.com"], access_level: 20 });
    expect(JSON.stringify((await api(`${app}/members`, { as: "ada" })).body)).toContain('"username":"root"');
    expect((await send("DELETE", `${app}/invitations/new%40example.com`)).status).toBe(204);
    expect((await api(`${app}/invitations`, { as: "ada" })).body).toHaveLength(1);
  });

  test("the scope of job tokens is switched, and opened for a project", async () => {
    const { id } = (await api(app, { as: "ada" })).body as { id: number };
    const scope = `/projects/${String(id)}/job_token_scope`;
    expect((await send("PATCH", scope, { enabled: false })).status).toBe(204);
    expect((await api(scope, { as: "ada" })).body).toMatchObject({ inbound_enabled: false });
    const other = field((await api("/projects/acme%2Fwebsite", { as: "ada" })).body, "id");
    const link = { target_project_id: other };
    expect(await send("POST", `${scope}/allowlist`, link)).toMatchObject({ status: 201, body: link });
    expect((await api(`${scope}/allowlist`, { as: "ada" })).body).toMatchObject([
      { path_with_namespace: "acme/website" },
    ]);
    expect((await send("POST", `${scope}/allowlist`, link)).status).toBe(400);
    expect((await send("DELETE", `${scope}/allowlist/${String(other)}`)).status).toBe(204);
  });
});

describe("what belongs to people", () => {
  test("a personal snippet is its author's; others read it unless it is private", async () => {
    const made = await send("POST", "/snippets", { title: "Mine", file_name: "a.sh", content: "date\n" });
    expect(made).toMatchObject({ status: 201, body: { title: "Mine", file_name: "a.sh", visibility: "internal" } });
    const one = `/snippets/${String(field(made.body, "id"))}`;
    expect((await api("/snippets", { as: "ada" })).body).toMatchObject([{ title: "Mine" }]);
    expect((await api("/snippets", { as: "ben" })).body).toEqual([]);
    expect((await api(one, { as: "ben" })).status).toBe(200);
    expect((await send("PUT", one, { title: "x" }, "ben")).status).toBe(404);
    await send("PUT", one, { visibility: "private", content: "date -u\n" });
    expect((await api(`${one}/raw`, { as: "ada" })).body).toBe("date -u\n");
    expect(await api(one, { as: "ben" })).toMatchObject({ status: 404, body: { message: "404 Snippet Not Found" } });
    expect((await send("DELETE", one)).status).toBe(204);
  });
});

test("a single note of an issue or a merge request is read, changed and deleted", async () => {
  for (const item of [`${app}/issues/1`, `${app}/merge_requests/1`]) {
    const made = await send("POST", `${item}/notes`, { body: "One" });
    const note = `${item}/notes/${String(field(made.body, "id"))}`;
    expect((await api(note, { as: "ada" })).body).toMatchObject({ body: "One" });
    expect(await send("PUT", note, { body: "Two" })).toMatchObject({ status: 200, body: { body: "Two" } });
    expect((await send("DELETE", note)).status).toBe(204);
    expect((await api(note, { as: "ada" })).status).toBe(404);
  }
});

test("a group is searched through its projects; one file is read out of a job's archive", async () => {
  const found = await api("/groups/acme/search?scope=projects&search=app", { as: "ada" });
  expect(found.body).toMatchObject([{ path_with_namespace: "acme/app" }]);
  const job = emulator()
    .state.planning.pipelines.flatMap(({ jobs }) => jobs)
    .find(({ artifacts, erasedAt }) => artifacts !== null && erasedAt === null);
  const [path, content] = Object.entries(job?.artifacts ?? {}).find(([name]) => name.includes("/")) ?? ["", ""];
  const file = await api(`${app}/jobs/${String(job?.id)}/artifacts/${path}`, { as: "ada" });
  expect(file).toMatchObject({ status: 200, body: content });
});

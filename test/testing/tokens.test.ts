import { describe, expect, test } from "vitest";
import { field, setup } from "./client.js";

const { emulator, api, send, clock, token } = setup();
const app = "/projects/acme%2Fapp";

describe("tokens", () => {
  test("unknown and missing ones", async () => {
    const unauthorized = { status: 401, body: { message: "401 Unauthorized" } };
    expect(await api("/user", { token: "glpat-unknown" })).toMatchObject(unauthorized);
    expect(await api("/user")).toMatchObject(unauthorized);
    expect(await api(`${app}/issues`, { json: { title: "x" } })).toMatchObject(unauthorized);
  });

  test("PRIVATE-TOKEN works too", async () => {
    const answer = await api("/user", { headers: { "private-token": token("ben") } });
    expect(answer).toMatchObject({ status: 200, body: { username: "ben" } });
    expect(emulator().requests.at(-1)).toMatchObject({ username: "ben", credentials: "private-token" });
  });

  test("expired ones", async () => {
    const short = emulator().tokens.create({ username: "ada", scopes: ["api"], expiresInSeconds: 60 });
    expect((await api("/user", { token: short })).status).toBe(200);
    clock.advance(61);
    expect(await api("/user", { token: short })).toMatchObject({
      status: 401,
      body: {
        error: "invalid_token",
        error_description: "Token is expired. You can either do re-authorization or token refresh.",
      },
    });
  });

  test("revoked ones", async () => {
    const gone = emulator().tokens.create({ username: "ada", scopes: ["api"] });
    emulator().tokens.revoke(gone);
    expect(await api("/user", { token: gone })).toMatchObject({
      status: 401,
      body: { error: "invalid_token", error_description: "Token was revoked. You have to re-authorize from the user." },
    });
  });

  test("say what they are", async () => {
    const answer = await api("/personal_access_tokens/self", { token: token("ada") });
    expect(answer).toMatchObject({ status: 200, body: { scopes: ["api"], active: true, revoked: false } });
  });

  test("end themselves, whatever their scopes", async () => {
    const own = emulator().tokens.create({ username: "ada", scopes: ["read_user"] });
    expect((await api("/personal_access_tokens/self", { token: own, method: "DELETE" })).status).toBe(204);
    expect((await api("/user", { token: own })).status).toBe(401);
  });

  test("are rotated by themselves: a new one with the same scopes, and the old one is revoked", async () => {
    const rotate = "/personal_access_tokens/self/rotate";
    const old = emulator().tokens.create({ username: "ada", scopes: ["self_rotate", "read_api"] });
    const { status, body } = await api(rotate, { token: old, method: "POST" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ scopes: ["self_rotate", "read_api"], active: true, expires_at: "2026-03-11" });
    expect((await api("/user", { token: old })).status).toBe(401);
    expect((await api("/projects", { token: String(field(body, "token")) })).status).toBe(200);
    const reader = emulator().tokens.create({ username: "ada", scopes: ["read_api"] });
    expect((await api(rotate, { token: reader, method: "POST" })).status).toBe(403);
    expect((await api("/projects", { token: reader })).status).toBe(200);
  });

  test("of somebody who is blocked", async () => {
    emulator().users.create({ username: "eve" });
    const hers = emulator().tokens.create({ username: "eve", scopes: ["api"] });
    emulator().users.block("eve");
    expect(await api("/user", { token: hers })).toMatchObject({
      status: 403,
      body: { message: "403 Forbidden - Your account has been blocked." },
    });
    emulator().users.unblock("eve");
    expect((await api("/user", { token: hers })).status).toBe(200);
    emulator().users.block("eve", "You (@eve) must accept the Terms of Service in order to perform this action.");
    expect(await api("/user", { token: hers })).toMatchObject({
      body: { message: expect.stringContaining("Terms of Service") as unknown },
    });
  });
});

describe("scopes", () => {
  const insufficient = (scope: string): object => ({
    status: 403,
    body: {
      error: "insufficient_scope",
      error_description: "The request requires higher privileges than provided by the access token.",
      scope,
    },
  });
  const scoped = (...scopes: string[]): string => emulator().tokens.create({ username: "ada", scopes });

  test("read_api reads", async () => {
    const reader = scoped("read_api");
    expect((await api(`${app}/issues`, { token: reader })).status).toBe(200);
    expect(await api(`${app}/issues`, { token: reader, json: { title: "x" } })).toMatchObject(insufficient("api"));
  });

  test("read_user reads users, and nothing else", async () => {
    const reader = scoped("read_user");
    expect((await api("/user", { token: reader })).status).toBe(200);
    expect((await api("/users", { token: reader })).status).toBe(200);
    expect(await api(app, { token: reader })).toMatchObject(insufficient("api read_api"));
  });

  test("read_repository reads files", async () => {
    const reader = scoped("read_repository");
    expect((await api(`${app}/repository/files/README.md?ref=main`, { token: reader })).status).toBe(200);
    expect((await api(`${app}/repository/tree`, { token: reader })).status).toBe(403);
  });
});

describe("GraphQL maps global ids to iids", () => {
  const ask = (query: string, credential: string | undefined, variables?: unknown): ReturnType<typeof send> =>
    send("/api/graphql", { token: credential, json: { query, variables } });

  test("of issues and merge requests", async () => {
    const { planning } = emulator().state;
    const [issue] = planning.issues;
    const [item] = planning.mergeRequests;
    const answer = await ask(
      `{ issue(id: "gid://gitlab/Issue/${String(issue?.id)}") { iid webUrl }
         mergeRequest(id: "gid://gitlab/MergeRequest/${String(item?.id)}") { iid webUrl project { fullPath } } }`,
      token("ada"),
    );
    expect(answer).toMatchObject({
      status: 200,
      body: {
        data: {
          issue: { iid: "1", webUrl: `${emulator().baseUrl}/acme/app/-/issues/1` },
          mergeRequest: { iid: "1", project: { fullPath: "acme/app" } },
        },
      },
    });
    const named = await ask("query Q($id: IssueID!) { found: issue(id: $id) { iid } }", token("ada"), {
      id: `gid://gitlab/Issue/${String(issue?.id)}`,
    });
    expect(named.body).toEqual({ data: { found: { iid: "1" } } });
  });

  test("only of what the token's owner may see", async () => {
    const id = emulator().state.planning.issues[0]?.id;
    emulator().users.create({ username: "stranger" });
    const query = `{ issue(id: "gid://gitlab/Issue/${String(id)}") { iid } }`;
    expect((await ask(query, token("stranger"))).body).toEqual({ data: { issue: null } });
    expect((await ask(query, undefined)).body).toEqual({ data: { issue: null } });
    expect((await ask('{ issue(id: "gid://gitlab/Issue/1") { iid } }', token("ada"))).body).toEqual({
      data: { issue: null },
    });
  });

  test("with read_api at least", async () => {
    const narrow = emulator().tokens.create({ username: "ada", scopes: ["read_user"] });
    expect(await ask("{ currentUser { username } }", narrow)).toMatchObject({
      status: 401,
      body: { errors: [{ message: "Invalid token" }] },
    });
  });

  test("and says what it does not know", async () => {
    expect((await ask("{ currentUser { shoeSize } }", token("ada"))).body).toEqual({
      errors: [
        {
          message: "Field 'shoeSize' doesn't exist on type 'CurrentUser'",
          locations: [{ line: 1, column: 17 }],
          extensions: { code: "undefinedField", typeName: "CurrentUser", fieldName: "shoeSize" },
        },
      ],
    });
    expect((await ask("{ currentUser { ", token("ada"))).body).toMatchObject({ errors: [{}] });
  });
});

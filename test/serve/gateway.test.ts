import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { gateway } from "../support/gateway.js";

const ada = { identifier: "user_ada" };
const whoAmI = { ...ada, tool_name: "gitlab_current_user_get" };

describe("a product", () => {
  test("connects a person by link and callback, calls tools as them, and disconnects them", async () => {
    const { send, key: newKey, emulator } = await gateway();
    const key = await newKey();
    const ben = { identifier: "user_ben" };
    const created = await send("POST", "/v1/accounts", { key, body: ben });
    expect(created.body["connected_account"]).toMatchObject({ ...ben, connection_name: "gitlab", status: "PENDING" });
    const again = await send("POST", "/v1/accounts", { key, body: ben });
    expect(again.body).toEqual(created.body);

    const { body: made } = await send("POST", "/v1/account/link", {
      key,
      body: { ...ben, return_to: "/home", data: "7" },
    });
    const url = emulator.oauth.authorize(String(made["link"]), { username: "ben" });
    const connected = await send("POST", "/v1/callback", { key, body: { url, expected_identifier: "user_ben" } });
    expect(connected.body).toMatchObject({
      connected_account: { ...ben, status: "ACTIVE", gitlab_user: { username: "ben" } },
      return_to: "/home",
      data: "7",
    });
    const twice = await send("POST", "/v1/callback", { key, body: { url, expected_identifier: "user_ben" } });
    expect([twice.status, twice.error["details"]]).toEqual([400, { reason: "state_used" }]);

    const tool_input = { project_id: "acme/app", state: "opened", per_page: 1 };
    const list = { ...ben, tool_name: "gitlab_issues_list", tool_input };
    const { body: issues } = await send("POST", "/v1/execute", { key, body: list });
    expect(issues).toMatchObject({ status: 200, page: { page: 1, per_page: 1, has_more: true } });
    expect(issues["data"]).toHaveLength(1);
    expect(emulator.requests.at(-1)).toMatchObject({ username: "ben" });
    const compact = await send("POST", "/v1/execute", { key, body: { ...list, fields: ["title"] } });
    expect(Object.keys((compact.body["data"] as object[])[0] ?? {}).toSorted()).toEqual(["iid", "title"]);

    const { body: listed } = await send("GET", "/v1/accounts?status=ACTIVE", { key });
    expect(listed["connected_accounts"]).toMatchObject([ada, ben]);
    const gone = await send("DELETE", "/v1/account?identifier=user_ben", { key });
    expect(gone.body).toMatchObject({ connected_account: ben, revocation: "revoked" });
    expect((await send("GET", "/v1/account?identifier=user_ben", { key })).error).toMatchObject({
      code: "account_not_found",
      hint: expect.stringContaining("POST /v1/account/link") as string,
      details: ben,
    });
  });

  test("connects a person by their token, and lists its people page by page", async () => {
    const { send, key: newKey, emulator } = await gateway();
    const key = await newKey();
    for (const identifier of ["b/c d", "ünï😀", "a"]) {
      const token = emulator.tokens.create({ username: "ben", scopes: ["read_api"] });
      const { body } = await send("POST", "/v1/account/token", { key, body: { identifier, token } });
      expect(body["connected_account"]).toMatchObject({ identifier, status: "ACTIVE", scopes: ["read_api"] });
      expect(JSON.stringify(body)).not.toContain(token);
      const query = new URLSearchParams({ identifier });
      const got = await send("GET", `/v1/account?${query.toString()}`, { key });
      expect(got.body["connected_account"]).toMatchObject({ identifier });
    }
    const seen: unknown[] = [];
    for (let cursor: unknown; ;) {
      const { body } = await send(
        "GET",
        `/v1/accounts?limit=1${typeof cursor === "string" ? `&cursor=${cursor}` : ""}`,
        {
          key,
        },
      );
      const page = body["connected_accounts"] as { identifier: string }[];
      expect(page).toHaveLength(1);
      seen.push(page[0]?.identifier);
      cursor = body["next_cursor"];
      if (cursor === undefined) break;
    }
    expect(seen.toSorted()).toEqual(["a", "b/c d", "user_ada", "ünï😀"].toSorted());
    const wrong = await send("GET", "/v1/accounts?cursor=bm9uZQ", { key });
    expect([wrong.status, wrong.error["code"]]).toEqual([400, "invalid_input"]);
  });

  test("previews a change, and makes it", async () => {
    const { send, key: newKey, emulator } = await gateway();
    const key = await newKey();
    const body = { ...ada, tool_name: "gitlab_issue_create", tool_input: { project_id: "acme/app", title: "Broken" } };
    const before = emulator.requests.length;
    const { body: preview } = await send("POST", "/v1/execute", { key, body: { ...body, dry_run: true } });
    expect(preview).toMatchObject({ status: 0, data: { method: "POST", body: { title: "Broken" } } });
    expect(emulator.requests.slice(before).filter(({ method }) => method === "POST")).toEqual([]);
    const { body: made } = await send("POST", "/v1/execute", { key, body });
    expect(made).toMatchObject({ status: 201, data: { title: "Broken" } });
  });

  test("gets definitions for its model, and answers for it", async () => {
    const { send, key: newKey } = await gateway();
    const key = await newKey({ access: "write" });
    const { body: all } = await send("GET", "/v1/tools?areas=issues,branches", { key });
    const tools = all["tools"] as { name: string; access: string; area: string }[];
    expect(new Set(tools.map(({ area }) => area))).toEqual(new Set(["issues", "branches"]));
    expect(new Set(tools.map(({ access }) => access))).toEqual(new Set(["read", "write"]));
    const reads = await send("GET", "/v1/tools?access=read&tools=gitlab_issue*", { key });
    expect((reads.body["tools"] as { access: string }[]).every(({ access }) => access === "read")).toBe(true);
    const one = await send("GET", "/v1/tools/gitlab_issue_create", { key });
    expect(one.body).toMatchObject({ access: "write", input_schema: { required: ["project_id", "title"] } });
    expect((await send("GET", "/v1/tools/gitlab_issue_creat", { key })).error).toMatchObject({
      code: "unknown_tool",
      details: { nearest: "gitlab_issue_create" },
    });
    const { body: exported } = await send("GET", "/v1/definitions?format=openai&tools=gitlab_issue_get", { key });
    expect(exported["definitions"]).toMatchObject([{ type: "function", name: "gitlab_issue_get" }]);

    const read = await send("POST", "/v1/run", {
      key,
      body: { ...ada, tool_name: "gitlab_issue_get", tool_input: "{}" },
    });
    expect(read.body).toMatchObject({ is_error: true, structured: { code: "invalid_input" } });
    const shown = await send("POST", "/v1/run", { key, body: { ...whoAmI, max_result_tokens: 500 } });
    expect(shown.body).toMatchObject({ is_error: false, structured: { username: "ada" } });
    const stranger = await send("POST", "/v1/run", { key, body: { ...whoAmI, identifier: "nobody" } });
    expect(stranger.body).toMatchObject({ is_error: true, structured: { code: "account_not_found" } });
    // The store's word for the product's people is not the product's.
    expect(JSON.stringify(stranger.body)).not.toContain("acme:");
    const deletes = await send("POST", "/v1/run", {
      key,
      body: { ...ada, tool_name: "gitlab_branch_delete", tool_input: { project_id: "acme/app", branch: "x" } },
    });
    expect(deletes.body).toMatchObject({ is_error: true, structured: { code: "forbidden" } });
  });

  test("mints sessions for the MCP server, within what its key may, and ends them", async () => {
    const { send, key: newKey, gitlab } = await gateway();
    const key = await newKey({ access: "write" });
    const { body } = await send("POST", "/v1/sessions", {
      key,
      body: { ...ada, access: "destructive", expires_in: "8h" },
    });
    const session = await gitlab.verifySession(String(body["token"]));
    expect(session).toMatchObject({
      identifier: "acme:user_ada",
      select: { access: "write" },
      policy: { access: "write" },
    });
    await send("DELETE", `/v1/sessions?identifier=user_ada&session_id=${String(body["session_id"])}`, { key });
    expect(await gitlab.verifySession(String(body["token"]))).toBeUndefined();
    const long = await send("POST", "/v1/sessions", { key, body: { ...ada, expires_in: "30d" } });
    expect(Date.parse(String(long.body["expires_at"]))).toBeLessThanOrEqual(Date.now() + 86_400_000);
    await send("DELETE", "/v1/sessions?identifier=user_ada", { key });
    expect(await gitlab.verifySession(String(long.body["token"]))).toBeUndefined();
    const nobody = await send("POST", "/v1/sessions", { key, body: { identifier: "nobody" } });
    expect(nobody.error["code"]).toBe("account_not_found");
  });

  test("reads what has happened to its accounts, and to nobody else's", async () => {
    const clock = { now: Date.parse("2026-01-01T00:00:00Z") };
    const { send, key: newKey, gitlab } = await gateway({}, { now: () => clock.now });
    const key = await newKey();
    const others = await newKey({ namespace: "other" });
    await send("POST", "/v1/accounts", { key, body: { identifier: "user_eve" } });
    await send("POST", "/v1/accounts", { key: others, body: { identifier: "user_eve" } });
    await gitlab.actions.deleteConnectedAccount({ identifier: "acme:user_ada" });
    const read = async (who: string, after = ""): Promise<[string[], string]> => {
      const { body } = await send("GET", `/v1/events${after && `?after=${after}`}`, { key: who });
      const events = body["events"] as { type: string; connected_account: { identifier: string } }[];
      const told = events.map(({ type, connected_account: { identifier } }) => `${type} ${identifier}`);
      return [told, String(body["next_cursor"])];
    };
    // What is so young that another process may still be writing down something older is not told yet.
    expect((await read(key))[0]).toEqual([]);
    clock.now += 5_000;
    const [all, cursor] = await read(key);
    expect(all.toSorted()).toEqual(
      ["created user_ada", "connected user_ada", "created user_eve", "deleted user_ada"].toSorted(),
    );
    expect((await read(others))[0]).toEqual(["created user_eve"]);
    expect(await read(key, cursor)).toEqual([[], cursor]);
    await send("DELETE", "/v1/account?identifier=user_eve", { key });
    clock.now += 5_000;
    expect((await read(key, cursor))[0]).toEqual(["deleted user_eve"]);
    clock.now += 7 * 86_400_000;
    expect((await read(await newKey()))[0]).toEqual([]);
  });
});

describe("what is repeated with an Idempotency-Key", () => {
  const create = { ...ada, tool_name: "gitlab_issue_create", tool_input: { project_id: "acme/app", title: "Once" } };
  const posts = (emulator: { requests: readonly { method: string; path: string }[] }): number =>
    emulator.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/issues")).length;

  test("is carried out once, also at the same time, and answered alike", async () => {
    const { send, key: newKey, keys, emulator } = await gateway();
    const key = await newKey();
    const headers = { "Idempotency-Key": randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => send("POST", "/v1/execute", { key, body: create, headers })),
    );
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length).toBeGreaterThan(0);
    for (const { status, error } of answers) {
      if (status !== 200) expect([status, error["code"], error["retryable"]]).toEqual([409, "conflict", true]);
    }
    const again = await send("POST", "/v1/execute", { key, body: create, headers });
    expect(again.body).toEqual(done[0]?.body);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(posts(emulator)).toBe(1);
    // A key that has replaced this one goes on where it was.
    const { key: fresh } = await keys.replace(key.slice(4, 20), { expiresIn: "1d", overlapSeconds: 0 });
    expect((await send("POST", "/v1/execute", { key: fresh, body: create, headers })).body).toEqual(again.body);
    expect(posts(emulator)).toBe(1);
  });

  test("is read again where it only reads: nothing of it is kept", async () => {
    const { send, key: newKey } = await gateway();
    const key = await newKey();
    const headers = { "Idempotency-Key": randomUUID() };
    for (const body of [whoAmI, whoAmI, { ...create, dry_run: true }, create, { ...create, dry_run: true }]) {
      const { status, headers: answered } = await send("POST", "/v1/execute", { key, body, headers });
      expect([status, answered.get("idempotency-replayed")]).toEqual([200, null]);
    }
  });

  test("is refused for another request, another ceiling, and another product starts anew", async () => {
    const { send, key: newKey, emulator, gitlab } = await gateway();
    const key = await newKey();
    const headers = { "Idempotency-Key": "one" };
    await send("POST", "/v1/execute", { key, body: create, headers });
    const other = { ...create, tool_input: { ...create.tool_input, title: "Other" } };
    expect((await send("POST", "/v1/execute", { key, body: other, headers })).status).toBe(422);
    const reader = await newKey({ access: "read" });
    expect((await send("POST", "/v1/execute", { key: reader, body: create, headers })).status).toBe(422);
    expect(posts(emulator)).toBe(1);
    const token = emulator.tokens.create({ username: "ben", scopes: ["api"] });
    await gitlab.connectWithToken({ identifier: "other:user_ada", token });
    const elsewhere = await newKey({ namespace: "other" });
    expect((await send("POST", "/v1/execute", { key: elsewhere, body: create, headers })).status).toBe(200);
    expect(posts(emulator)).toBe(2);
    const unusable = await send("POST", "/v1/execute", { key, body: create, headers: { "Idempotency-Key": "a b" } });
    expect(unusable.status).toBe(400);
  });

  test("is open again after what may be tried again, and stays as it was after what may not", async () => {
    const { send, key: newKey, emulator } = await gateway();
    const key = await newKey();
    const headers = { "Idempotency-Key": randomUUID() };
    emulator.setRateLimit({ limit: 0, periodSeconds: 3600 });
    const refused = await send("POST", "/v1/execute", { key, body: create, headers });
    expect([refused.status, refused.error["retryable"]]).toEqual([429, true]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    emulator.setRateLimit({ limit: 100_000, periodSeconds: 60 });
    const elsewhere = { ...create, tool_input: { project_id: "acme/app" } };
    const wrong = { "Idempotency-Key": randomUUID() };
    const [first, second] = [
      await send("POST", "/v1/execute", { key, body: elsewhere, headers: wrong }),
      await send("POST", "/v1/execute", { key, body: elsewhere, headers: wrong }),
    ];
    expect([first.status, first.headers.get("idempotency-replayed")]).toEqual([400, null]);
    expect([second.status, second.headers.get("idempotency-replayed")]).toEqual([400, "true"]);
    expect(second.body).toEqual(first.body);
  });
});

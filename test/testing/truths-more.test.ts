import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { field, pluck, setup } from "./client.js";

const { emulator, api, send, token } = setup({ plan: "free" });
const premium = setup();
const app = "/projects/acme%2Fapp";

describe("what foreign clients found to be otherwise in GitLab", () => {
  test("approvals are there without a plan, and one that is missing has its rule", async () => {
    const [request] = (await api(`${app}/merge_requests?state=opened&author_username=ben`, { as: "ada" })).body as {
      iid: number;
    }[];
    const path = `${app}/merge_requests/${String(request?.iid)}`;
    expect((await api(`${path}/approvals`, { as: "ada" })).status).toBe(200);
    expect((await api(`${path}/approve`, { as: "ada", method: "POST" })).status).toBe(201);
  });

  test("an approval that is missing has its rule, where rules are paid for", async () => {
    const record = premium.emulator().state.planning.mergeRequests.find(({ state }) => state === "opened");
    if (record === undefined) throw new Error("The company has changed");
    Object.assign(record, { approvals: [], approvalsRequired: 1 });
    const path = `${app}/merge_requests/${String(record.iid)}/approvals`;
    expect((await premium.api(path, { as: "ada" })).body).toMatchObject({
      approved: false,
      approval_rules_left: [{ rule_type: "any_approver" }],
    });
  });

  test("a merge request whose source branch is gone keeps what it compared", async () => {
    const make = (path: string, json: object): ReturnType<typeof api> => api(path, { as: "ada", method: "POST", json });
    await make(`${app}/repository/branches`, { branch: "gone", ref: "main" });
    const change = { branch: "gone", commit_message: "Add", content: "x" };
    await make(`${app}/repository/files/gone.txt`, change);
    const request = { title: "Gone", source_branch: "gone", target_branch: "main" };
    const { body } = await make(`${app}/merge_requests`, request);
    const path = `${app}/merge_requests/${String(field(body, "iid"))}`;
    const before = (await api(path, { as: "ada" })).body;
    await api(`${app}/repository/branches/gone`, { as: "ada", method: "DELETE" });
    const after = (await api(path, { as: "ada" })).body;
    expect(field(after, "sha")).toBe(field(before, "sha"));
    expect(field(after, "sha")).toMatch(/^[0-9a-f]{40}$/);
    expect(field(after, "diff_refs")).toEqual(field(before, "diff_refs"));
    expect(pluck((await api(`${path}/commits`, { as: "ada" })).body, "title")).toEqual(["Add"]);
    expect(pluck((await api(`${path}/diffs`, { as: "ada" })).body, "new_path")).toEqual(["gone.txt"]);
  });

  test("where somebody's own projects are is told to administrators only", async () => {
    expect((await api("/user", { as: "ada" })).body).not.toHaveProperty("namespace_id");
    const ada = emulator().state.userByName("ada");
    const seen = await api(`/users/${String(ada?.id)}`, { as: "root" });
    expect(seen.body).toMatchObject({ namespace_id: ada?.namespaceId, is_admin: false });
    expect((await api("/user", { as: "root" })).body).toMatchObject({ is_admin: true });
    expect((await api(`/users/${String(ada?.id)}`, { as: "ben" })).body).not.toHaveProperty("namespace_id");
  });

  test("HEAD of a branch answers 204, of one that is not there 404", async () => {
    const head = (branch: string): ReturnType<typeof api> =>
      api(`${app}/repository/branches/${branch}`, { as: "ada", method: "HEAD" });
    expect((await head("main")).status).toBe(204);
    expect((await head("nowhere")).status).toBe(404);
  });

  test("currentUser of GraphQL has `active`", async () => {
    const query = "{ currentUser { username active } }";
    const { body } = await send("/api/graphql", { as: "ada", method: "POST", json: { query } });
    expect(body).toEqual({ data: { currentUser: { username: "ada", active: true } } });
  });

  test("an upload that breaks off leaves the emulator as it was", async () => {
    const { port } = new URL(emulator().baseUrl);
    const before = emulator().requests.length;
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => {
        const head = `POST /api/v4${app}/issues HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: ${token("ada")}\r\n`;
        socket.write(`${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`, () => {
          socket.destroy();
        });
      });
      socket.on("close", () => {
        resolve();
      });
    });
    expect((await api("/user", { as: "ada" })).status).toBe(200);
    const broken = emulator()
      .requests.slice(before)
      .find(({ method }) => method === "POST");
    expect(broken?.status ?? 0).toBe(0);
  });
});

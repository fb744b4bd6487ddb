import { GitLabToolError } from "gitlab-agent-tools";
import { describe, expect, test } from "vitest";
import { connect, json, serve } from "../support/server.js";

const caught = (error: unknown): GitLabToolError => {
  if (error instanceof GitLabToolError) return error;
  throw error;
};

describe("a raw request", () => {
  test("reaches any path of the API with the account's token, in one manner or another of writing it", async () => {
    const server = await serve((_, response) => json(response, [{ slug: "home" }]), { prefix: "/gitlab" });
    const { account } = await connect(server);
    const query = { with_content: true, labels: ["a", "b"] };
    const first = await account.request({
      method: "GET",
      path: "/projects/{id}/wikis",
      pathParameters: { id: "g/p" },
      query,
    });
    expect(first).toMatchObject({ data: [{ slug: "home" }], status: 200, requestId: "req-1" });
    await account.request({ method: "GET", path: "/api/v4/projects/g%2Fp/wikis" });
    await account.request({
      method: "POST",
      path: "projects/1/wikis",
      body: { title: "x", content: "", nothing: null },
    });
    expect(server.arrived.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /gitlab/api/v4/projects/g%2Fp/wikis?with_content=true&labels[]=a&labels[]=b",
      "GET /gitlab/api/v4/projects/g%2Fp/wikis",
      "POST /gitlab/api/v4/projects/1/wikis",
    ]);
    expect(JSON.parse(server.arrived[2]?.body ?? "")).toEqual({ title: "x", content: "", nothing: null });
  });

  test.each([
    "/projects/../admin",
    "/projects/%2e%2e/x",
    "//evil.example/x",
    "https://evil.example/x",
    "/projects/1?private_token=x",
    "/projects/1#x",
    "/projects/\\1",
    "/projects/%zz",
    "",
  ])("that is no path of the API is refused before anything is sent: %j", async (path) => {
    const server = await serve((_, response) => json(response, {}));
    const { account } = await connect(server);
    const error = await account.request({ method: "GET", path }).then(() => undefined, caught);
    expect(error?.code).toBe("invalid_input");
    expect(server.arrived).toEqual([]);
  });

  test("keeps to policies: reads only, nothing destructive, named tools, approval", async () => {
    const server = await serve((_, response) => json(response, {}));
    const { gitlab } = await connect(server);
    const code = async (policy: object, method: "GET" | "POST" | "DELETE", path: string): Promise<string | undefined> =>
      await gitlab
        .as("user_1", { policy })
        .request({ method, path })
        .then(
          () => undefined,
          (error: unknown) => caught(error).code,
        );
    expect(await code({ access: "read" }, "POST", "/projects/1/wikis")).toBe("forbidden");
    expect(await code({ access: "write" }, "DELETE", "/projects/1/wikis/x")).toBe("forbidden");
    expect(await code({ access: "write" }, "POST", "/projects/1/housekeeping")).toBe("forbidden");
    expect(await code({ tools: ["gitlab_issue*"] }, "GET", "/projects/1/wikis")).toBe("forbidden");
    expect(await code({ areas: ["issues"] }, "GET", "/projects/1/wikis")).toBe("forbidden");
    expect(server.arrived).toEqual([]);
    expect(await code({ access: "write" }, "POST", "/projects/1/wikis")).toBeUndefined();
  });

  test("stays within an allow-list, and what may lead elsewhere is refused", async () => {
    const server = await serve((request, response) => {
      const id = Number(/projects\/(\d+)/.exec(request.url)?.[1] ?? 0);
      json(response, request.url.endsWith("/wikis") ? [] : { id, path_with_namespace: `acme/p${id}` });
    });
    const { gitlab } = await connect(server);
    const account = gitlab.as("user_1", { policy: { projects: [1] } });
    const code = async (
      method: "GET" | "POST",
      path: string,
      body?: Record<string, unknown>,
    ): Promise<string | undefined> =>
      await account.request({ method, path, body }).then(
        () => undefined,
        (error: unknown) => caught(error).code,
      );
    expect(await code("GET", "/projects/1/wikis")).toBeUndefined();
    for (const [method, path, body] of [
      ["GET", "/projects/2/wikis"],
      ["GET", "/version"],
      ["GET", "/users"],
      ["POST", "/projects/1/fork/2"],
      ["POST", "/projects/1/share", { group_id: 3 }],
      ["POST", "/projects/1/wikis", { target_project_id: 2 }],
      ["POST", "/projects/1/wikis", { title: { project: 2 } }],
    ] as const) {
      expect(await code(method, path, body)).toBe("forbidden");
    }
  });
});

test("a client typed by GitLab's document goes the same way", async () => {
  const server = await serve((_, response) => json(response, [{ iid: 7 }]));
  const { account } = await connect(server);
  const { data } = await account.api.GET("/api/v4/projects/{id}/issues", {
    params: { path: { id: "g/p" }, query: { state: "opened", labels: ["a"] } },
  });
  expect(data?.[0]?.iid).toBe(7);
  expect(server.arrived[0]?.url).toMatch(/^\/api\/v4\/projects\/g%2Fp\/issues\?/);
  expect(server.arrived[0]?.headers.authorization).toMatch(/^Bearer /);
});

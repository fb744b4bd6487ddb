import { permissionOf } from "../../src/testing/server/granular.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";

let emulator: GitLabEmulator;
let token: string;

beforeAll(async () => {
  emulator = await createGitLabEmulator();
  token = emulator.tokens.create({
    username: "ada",
    granular: [{ of: "acme/app", permissions: ["Merge Request: Read", "Issue: Read", "Issue: Create"] }],
  });
});

afterAll(() => emulator.close());

async function ask(method: string, path: string, body?: object): Promise<[number, Record<string, unknown>]> {
  const response = await fetch(`${emulator.baseUrl}/api/v4${path}`, {
    method,
    headers: { "private-token": token, "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return [response.status, (await response.json()) as Record<string, unknown>];
}

test("a fine-grained token does what it has permissions for, where it has them", async () => {
  expect((await ask("GET", "/projects/acme%2Fapp/merge_requests"))[0]).toBe(200);
  expect((await ask("POST", "/projects/acme%2Fapp/issues", { title: "Fine" }))[0]).toBe(201);
});

test("anything else is refused, naming the permission", async () => {
  expect(await ask("PUT", "/projects/acme%2Fapp/issues/1", { title: "x" })).toEqual([
    403,
    {
      error: "insufficient_granular_scope",
      error_description:
        "Access denied: This operation requires a fine-grained personal access token with the following project permissions: [Issue: Update].",
    },
  ]);
});

test("what is out of its sight is missing", async () => {
  expect(await ask("GET", "/projects/acme%2Fwebsite/issues")).toEqual([404, { message: "404 Not Found" }]);
});

test("it tells of itself what it may", async () => {
  const [status, self] = await ask("GET", "/personal_access_tokens/self");
  expect(status).toBe(200);
  expect(self).toMatchObject({
    scopes: ["granular"],
    granular: true,
    granular_scopes: [
      { project_id: emulator.state.projectByPath("acme/app")?.id, permissions: expect.any(Array) as string[] },
    ],
  });
});

test.each([
  ["GET", "/projects/{id}/protected_branches", "Protected Branch: Read"],
  ["POST", "/projects/{id}/statuses/{sha}", "Status: Create"],
  ["PUT", "/user/status", "Status: Update"],
  ["DELETE", "/projects/{id}/registry/repositories/{repository_id}", "Repository: Delete"],
  ["GET", "/projects/{id}/merge_requests", "Merge Request: Read"],
])("the permission of %s %s", (method, path, permission) => {
  expect(permissionOf(method, path)).toBe(permission);
});

import { createGitLab } from "gitlab-agent-tools";
import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../../examples/connect-page/app.js";
import { csrfOn, locationOf } from "../support/connect.js";
import { emulator } from "../support/emulated.js";

test("the example's people sign in, connect and act as themselves; who has not connected is told what to do", async () => {
  const server = await emulator();
  const redirectUri = "http://localhost:3000/connect/gitlab";
  const application = server.oauth.createApplication({ redirectUri, scopes: ["read_api"] });
  const connection = { baseUrl: server.baseUrl, redirectUri, scopes: ["read_api"], ...application };
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: connection } });
  onTestFinished(() => gitlab.close());
  const app = createApp(gitlab, "a secret of the product's");
  const cookies = new Map<string, string>();
  const open = async (path: string, form?: Record<string, string>): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const sent = form && { method: "POST", body: new URLSearchParams(form) };
    const response = await app.request(new URL(path, redirectUri), { ...sent, headers: { Cookie: cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  };

  expect((await open("/api/bugs")).status).toBe(401);
  expect(locationOf(await open("/connect"))).toBe("/");
  await open("/sign-in", { name: "ada" });
  const before = await open("/api/bugs");
  expect([before.status, await before.json()]).toMatchObject([409, { code: "account_not_found", connect: "/connect" }]);

  const csrf = csrfOn(await (await open("/connect?return_to=/")).text());
  const form = { csrf, action: "connect", connection: "gitlab", return_to: "/" };
  const link = locationOf(await open("/connect", form));
  expect(locationOf(await open(server.oauth.authorize(link, { username: "ada" })))).toBe("/");
  const bugs = (await (await open("/api/bugs")).json()) as { title: string }[];
  expect(bugs.length).toBeGreaterThan(0);
});

import { createServer } from "node:http";
import express from "express";
import { createGitLab, errorCodes, GitLabToolError, httpErrors, toHttpError } from "gitlab-agent-tools";
import { createConnectHandler, toNodeHandler, type ConnectInstance } from "gitlab-agent-tools/connect";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  applicationOn,
  connectAs,
  connectPlace,
  csrfOn,
  listen,
  locationOf,
  PersonsBrowser,
  press,
  signedInAs,
  startInstances,
  type ConnectPlace,
  type Instances,
} from "../support/connect.js";

let instances: Instances;
beforeAll(async () => void (instances = await startInstances()));
afterAll(() => instances.close());

const textOf = async (response: Response): Promise<string> => (await response.text()).replace(/\s+/g, " ");

async function standing(place: ConnectPlace, browser: PersonsBrowser): Promise<Record<string, string>> {
  const { instances: found } = (await (await browser.json(place.page)).json()) as { instances: ConnectInstance[] };
  return Object.fromEntries(
    found.map(({ connectionName, status, gitlabUser }) => [connectionName, `${status} ${gitlabUser?.username ?? "-"}`]),
  );
}

describe("people", () => {
  test("connect two instances, see how they stand, and disconnect one", async () => {
    const place = await connectPlace(instances, { handler: { productName: "Acme Agents" } });
    const ada = new PersonsBrowser("ada");
    const first = await ada.get(place.page);
    const text = await textOf(first);
    expect([first.status, first.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(text).toContain("Acme Agents acts in GitLab as you");
    const labels = [instances.gitlab, instances.acme].map(({ baseUrl }) => baseUrl.replace("http://", ""));
    for (const label of labels) expect(text).toContain(`Connect ${label}</button>`);
    expect(text).not.toContain("Disconnect");

    const end = await connectAs(place, ada, [instances.gitlab, "gitlab", "ada"]);
    expect(end).toBe("/connect?connected=gitlab");
    const after = await textOf(await ada.get(`${place.origin}${end}`));
    expect(after).toContain(`<p role="status">${labels[0]} is connected.</p>`);
    expect(after).toContain("Connected as @ada.");
    await connectAs(place, ada, [instances.acme, "acme", "ben"]);
    expect(await standing(place, ada)).toEqual({ gitlab: "ACTIVE ada", acme: "ACTIVE ben" });

    const gone = await press(place, ada, "disconnect", "acme");
    expect(gone).toBe("/connect?disconnected=acme&revocation=revoked");
    expect(await textOf(await ada.get(`${place.origin}${gone}`))).toContain(`${labels[1]} is disconnected.`);
    expect(await standing(place, ada)).toEqual({ gitlab: "ACTIVE ada", acme: "PENDING -" });
    // Pressed once more, in another tab: it is as it was wanted.
    expect(await press(place, ada, "disconnect", "gitlab")).toContain("revocation=revoked");
  });

  test("have accounts of their own, and calls go out as who connected", async () => {
    const place = await connectPlace(instances);
    const [ada, ben] = [new PersonsBrowser("ada"), new PersonsBrowser("ben")];
    await connectAs(place, ada, [instances.gitlab, "gitlab", "ada"]);
    await connectAs(place, ben, [instances.gitlab, "gitlab", "ben"]);
    expect(await standing(place, ada)).toEqual({ gitlab: "ACTIVE ada", acme: "PENDING -" });
    for (const identifier of ["ada", "ben"]) {
      const me = await place.gitlab.executeTool({ identifier, toolName: "gitlab_current_user_get", toolInput: {} });
      expect(me.data.username).toBe(identifier);
    }
    await press(place, ben, "disconnect", "gitlab");
    expect(await standing(place, ada)).toMatchObject({ gitlab: "ACTIVE ada" });
  });

  test("who do not allow it are told so, and can start again", async () => {
    const place = await connectPlace(instances);
    const ada = new PersonsBrowser("ada");
    const link = await press(place, ada, "connect", "gitlab");
    const refused = await ada.get(instances.gitlab.oauth.authorize(link, { username: "ada", deny: true }));
    const text = await textOf(refused);
    expect(refused.status).toBe(403);
    expect(text).toContain('<p role="alert">You did not allow it on GitLab&#39;s page. Nothing was connected.</p>');
    expect(text).toContain('<a href="/connect">Start again</a>');
    expect(await standing(place, ada)).toMatchObject({ gitlab: "PENDING -" });
    expect(place.errors).toEqual([]);
    await connectAs(place, ada, [instances.gitlab, "gitlab", "ada"]);
    expect(await standing(place, ada)).toMatchObject({ gitlab: "ACTIVE ada" });
  });

  test("whose authorization has ended at GitLab connect again", async () => {
    const place = await connectPlace(instances);
    const ada = new PersonsBrowser("ada");
    await connectAs(place, ada, [instances.gitlab, "gitlab", "ada"]);
    instances.gitlab.oauth.revoke("ada");
    const call = { identifier: "ada", toolName: "gitlab_current_user_get", toolInput: {} } as const;
    await expect(place.gitlab.executeTool(call)).rejects.toMatchObject({ code: "account_revoked" });
    const text = await textOf(await ada.get(place.page));
    expect(text).toContain("GitLab no longer accepts your authorization");
    expect(text).toMatch(/Connect 127\.0\.0\.1:\d+ again<\/button>/);
    await connectAs(place, ada, [instances.gitlab, "gitlab", "ada"]);
    expect((await place.gitlab.executeTool(call)).data.username).toBe("ada");
  });

  test("who are signed out go to sign in, but never with GitLab's code", async () => {
    const place = await connectPlace(instances, {
      handler: { signInUrl: (request) => `/sign-in?next=${encodeURIComponent(new URL(request.url).pathname)}` },
    });
    const nobody = new PersonsBrowser();
    expect(locationOf(await nobody.get(place.page))).toBe("/sign-in?next=%2Fconnect");
    const asked = await nobody.json(place.page);
    expect([asked.status, await asked.json()]).toMatchObject([401, { error: { code: "signed_out" } }]);

    const ada = new PersonsBrowser("ada");
    const link = await press(place, ada, "connect", "gitlab");
    const callback = instances.gitlab.oauth.authorize(link, { username: "ada" });
    ada.signIn(undefined);
    const late = await ada.get(callback);
    expect([late.status, locationOf(late)]).toEqual([401, ""]);
    // Signed in again, the same answer of GitLab's is still good.
    ada.signIn("ada");
    expect(locationOf(await ada.get(callback))).toBe("/connect?connected=gitlab");
  });

  test("go back to where they came from", async () => {
    const place = await connectPlace(instances, { client: { allowedReturnOrigins: ["https://docs.example"] } });
    const ada = new PersonsBrowser("ada");
    const page = await textOf(await ada.get(`${place.page}?return_to=%2Fsettings%3Ftab%3D2`));
    expect(page).toContain('<input type="hidden" name="return_to" value="/settings?tab=2" />');
    expect(page).toContain('<a href="/settings?tab=2">Back</a>');
    for (const return_to of ["/settings?tab=2", "https://docs.example/done"])
      expect(await connectAs(place, ada, [instances.gitlab, "gitlab", "ada"], { return_to })).toBe(return_to);
    const settled = await connectPlace(instances, { handler: { returnTo: "/chat" } });
    expect(await connectAs(settled, ada, [instances.gitlab, "gitlab", "ada"])).toBe("/chat");
  });
});

test("an instance that is added while the page runs is there for those who may use it", async () => {
  const mine = (identifier: string) => (identifier === "ada" ? ["gitlab", "globex"] : ["gitlab"]);
  const place = await connectPlace(instances, { handler: { connections: mine } });
  const [ada, ben] = [new PersonsBrowser("ada"), new PersonsBrowser("ben")];
  expect(await standing(place, ada)).toEqual({ gitlab: "PENDING -" });
  const config = applicationOn(instances.acme, "globex", place.origin);
  await place.gitlab.connections.set("globex", config);
  await connectAs(place, ada, [instances.acme, "globex", "ben"]);
  expect(await standing(place, ada)).toEqual({ gitlab: "PENDING -", globex: "ACTIVE ben" });
  expect(await standing(place, ben)).toEqual({ gitlab: "PENDING -" });

  const all = await connectPlace(instances, { handler: { connections: "all" } });
  await all.gitlab.connections.set("globex", applicationOn(instances.acme, "globex", all.origin));
  // Two connections to one instance are told apart by their names.
  const text = await textOf(await ben.get(all.page));
  for (const name of ["acme", "globex"])
    expect(text).toContain(`Connect ${instances.acme.baseUrl.replace("http://", "")} (${name})</button>`);
});

test("a token that was given by hand shows, and stays valid at GitLab when it is disconnected", async () => {
  const place = await connectPlace(instances, {
    connections: () => ({ plain: { baseUrl: instances.gitlab.baseUrl } }),
  });
  const ada = new PersonsBrowser("ada");
  expect(await textOf(await ada.get(place.page))).toContain("No GitLab is set up here yet.");
  const token = instances.gitlab.tokens.create({ username: "ada", scopes: ["api"] });
  await place.gitlab.connectWithToken({ connectionName: "plain", identifier: "ada", token });
  const text = await textOf(await ada.get(place.page));
  expect(text).toContain("Connected as @ada.");
  expect(text).not.toContain(`value="connect"`);
  expect(await press(place, ada, "connect", "plain")).toBe("");
  expect(await press(place, ada, "disconnect", "plain")).toBe("/connect?disconnected=plain&revocation=kept");
});

test("programs connect and disconnect with JSON", async () => {
  const place = await connectPlace(instances);
  const ada = new PersonsBrowser("ada");
  const { csrf } = (await (await ada.json(place.page)).json()) as { csrf: string };
  const body = { action: "connect", connection: "gitlab", return_to: "/app" };
  const begun = await ada.json(place.page, body, { "X-CSRF-Token": csrf });
  const { link, expiresAt } = (await begun.json()) as { link: string; expiresAt: string };
  expect(Date.parse(expiresAt)).toBeGreaterThan(place.clock.ms);
  const end = await ada.get(instances.gitlab.oauth.authorize(link, { username: "ada" }));
  expect([end.status, locationOf(end)]).toEqual([303, "/app"]);
  const ended = await ada.json(place.page, { action: "disconnect", connection: "gitlab", csrf });
  expect(await ended.json()).toEqual({
    kind: "disconnected",
    label: instances.gitlab.baseUrl.replace("http://", ""),
    revocation: "revoked",
  });
  for (const [wrong, status, code] of [
    [{ ...body, csrf, connection: "nobody's" }, 404, "connection_not_found"],
    [{ csrf, action: "explode", connection: "gitlab" }, 400, "invalid_input"],
    [{ csrf, action: "connect" }, 400, "invalid_input"],
    [["connect"], 400, "invalid_input"],
  ] as const) {
    const refused = await ada.json(place.page, wrong);
    expect([refused.status, await refused.json()]).toMatchObject([status, { error: { code } }]);
  }
});

test("what only an operator can mend is told to them, and to people without a developer's words", async () => {
  const place = await connectPlace(instances, {
    connections: (origin) => ({ gitlab: { ...applicationOn(instances.gitlab, "gitlab", origin), clientSecret: "no" } }),
  });
  const ada = new PersonsBrowser("ada");
  const link = await press(place, ada, "connect", "gitlab");
  const failed = await ada.get(instances.gitlab.oauth.authorize(link, { username: "ada" }));
  const text = await textOf(failed);
  expect(failed.status).toBe(500);
  expect(text).toContain(
    "GitLab refused this application. Ask your administrator to check how it is registered there.",
  );
  expect(text).not.toMatch(/clientSecret|invalid_client|handleCallback|getAuthorizationLink/);
  await expect.poll(() => place.errors).toMatchObject([{ code: "connection_misconfigured" }]);

  const broken = await connectPlace(instances, {
    handler: {
      identify: () => Promise.reject(new Error("session store: postgres://app:hunter2@db")),
    },
  });
  const page = await ada.get(broken.page);
  expect(page.status).toBe(500);
  expect(await page.text()).not.toMatch(/hunter2|session store/);
  await expect.poll(() => broken.errors).toHaveLength(1);
});

test("a form of the own page that arrives under another host is refused, and the operator is told of publicUrl", async () => {
  const place = await connectPlace(instances);
  const ada = new PersonsBrowser("ada");
  const csrf = csrfOn(await (await ada.get(place.page)).text());
  const form = { csrf, action: "connect", connection: "gitlab" };
  const foreign = { Origin: "https://app.example" };
  expect((await ada.post(place.page, form, { ...foreign, "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
  expect((await ada.post(place.page, form, foreign)).status).toBe(403);
  const own = await ada.post(place.page, form, { ...foreign, "Sec-Fetch-Site": "same-origin" });
  expect([own.status, await textOf(own)]).toEqual([403, expect.not.stringMatching(/publicUrl|app\.example/)]);
  await expect.poll(() => place.errors).toHaveLength(1);
  expect(place.errors).toMatchObject([
    {
      code: "invalid_input",
      message: expect.stringContaining(foreign.Origin) as string,
      hint: expect.stringContaining("publicUrl") as string,
    },
  ]);
});

describe("the pages", () => {
  test("are styled, or replaced, and protected either way", async () => {
    const place = await connectPlace(instances, {
      handler: {
        style: "body { color: rebeccapurple }",
        render: (view) =>
          view.kind === "instances"
            ? new Response(`mine: ${view.instances.length} ${view.postTo} ${view.csrf.length > 20}`)
            : undefined,
      },
    });
    const ada = new PersonsBrowser("ada");
    const own = await ada.get(place.page);
    expect(await own.text()).toBe("mine: 2 /connect true");
    expect(ada.cookies.has("gitlab-agent-tools-connect")).toBe(true);
    const failed = await ada.get(`${place.page}/gitlab?state=x&code=y`);
    expect(await failed.text()).toContain("<style>body { color: rebeccapurple }</style>");
    for (const { headers } of [own, failed]) {
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("referrer-policy")).toBe("same-origin");
    }
  });

  test("of the product that fail are replaced by ours", async () => {
    const render = () => Promise.reject(new Error("no template"));
    const place = await connectPlace(instances, { handler: { render } });
    expect(await textOf(await new PersonsBrowser("ada").get(place.page))).toContain("Connect GitLab");
    await expect.poll(() => place.errors).toMatchObject([{ message: "no template" }]);
  });

  test("answer HEAD, and refuse other methods and addresses", async () => {
    const place = await connectPlace(instances);
    const headers = { Cookie: "session=ada" };
    const head = await fetch(place.page, { method: "HEAD", headers });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    for (const [method, path, status] of [
      ["PUT", "/connect", 405],
      ["DELETE", "/connect", 405],
      ["GET", "/connect/gitlab", 404],
      ["GET", "/connected", 404],
      ["POST", "/connect/gitlab", 404],
      ["GET", "/connect/", 200],
    ] as const)
      expect((await fetch(`${place.origin}${path}`, { method, headers })).status, `${method} ${path}`).toBe(status);
  });
});

describe("any server", () => {
  const connections = (origin: string) => ({ gitlab: applicationOn(instances.gitlab, "gitlab", origin) });
  const client = (origin: string, publicUrl?: string) => {
    const gitlab = createGitLab({ store: "memory:", connections: connections(publicUrl ?? origin), publicUrl });
    onTestFinished(() => gitlab.close());
    return gitlab;
  };

  test("Express, mounted below a path, behind middlewares that read bodies; its own session says who it is", async () => {
    const app = express();
    const origin = await listen(createServer(app));
    interface WithSession extends express.Request {
      readonly user?: string;
    }
    const connect = createConnectHandler<WithSession>({ gitlab: client(origin), identify: (_, { user }) => user });
    app.use(express.urlencoded({ extended: true }), express.json(), (request, _, next) => {
      next(void Object.assign(request, { user: /session=(\w+)/.exec(request.headers.cookie ?? "")?.[1] }));
    });
    app.use("/connect", toNodeHandler(connect));
    const place = { origin, page: `${origin}/connect` } as ConnectPlace;
    const ada = new PersonsBrowser("ada");
    expect(await connectAs(place, ada, [instances.gitlab, "gitlab", "ada"])).toBe("/connect?connected=gitlab");
    const { csrf } = (await (await ada.json(place.page)).json()) as { csrf: string };
    const ended = await ada.json(place.page, { action: "disconnect", connection: "gitlab", csrf });
    expect(await ended.json()).toMatchObject({ revocation: "revoked" });
  });

  test("Hono, and whatever else speaks Request and Response, behind a proxy that ends TLS and cuts a prefix off", async () => {
    const outside = "https://app.example/portal";
    const gitlab = client("", outside);
    const connect = createConnectHandler({ gitlab, identify: signedInAs });
    const app = new Hono().all("/connect/*", (context) => connect(context.req.raw));
    const jar = new Map([["session", "ada"]]);
    const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const answer = await app.request(`http://10.0.0.7:3000${path}`, {
        ...init,
        headers: { Cookie: cookie, Origin: "https://app.example", "Sec-Fetch-Site": "same-origin" },
      });
      for (const line of answer.headers.getSetCookie()) {
        expect(line).toMatch(/^__Host-.*; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/);
        const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=");
        jar.set(name, value);
      }
      return answer;
    };
    const text = await (await send("/connect")).text();
    expect(text).toContain('action="/portal/connect"');
    const form = new URLSearchParams({ csrf: csrfOn(text), action: "connect", connection: "gitlab" });
    const link = locationOf(await send("/connect", { method: "POST", body: form }));
    const callback = new URL(instances.gitlab.oauth.authorize(link, { username: "ada" }));
    expect(callback.href).toContain("https://app.example/portal/connect/gitlab?code=");
    const end = await send(`/connect/gitlab${callback.search}`);
    expect(locationOf(end)).toBe("/portal/connect?connected=gitlab");
  });

  test("a connection without a redirect URI comes back below the pages", async () => {
    const place = await connectPlace(instances, {
      connections: (origin) => {
        const { redirectUri: _, ...rest } = applicationOn(instances.acme, "acme", origin);
        return { acme: rest };
      },
    });
    const ada = new PersonsBrowser("ada");
    expect(await connectAs(place, ada, [instances.acme, "acme", "ada"])).toBe("/connect?connected=acme");
  });
});

describe("errors for people", () => {
  test("every code has a status and a sentence without a developer's words", () => {
    expect(Object.keys(httpErrors).sort()).toEqual([...errorCodes].sort());
    for (const [code, { status, message }] of Object.entries(httpErrors)) {
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(message, code).toMatch(/^[A-Z].*\.$/);
      expect(message, code).not.toMatch(/[A-Za-z]\(|_|JSON|createGitLab|option|parameter|token/);
      // A 401 would sign people out of the product.
      expect(status, code).not.toBe(401);
    }
  });

  test("an error becomes an answer; what is none of ours says nothing", () => {
    const details = { retryAfterSeconds: 7 };
    const limited = new GitLabToolError({ code: "rate_limited", message: "m", hint: "h", requestId: "r-1", details });
    expect(toHttpError(limited)).toEqual({
      code: "rate_limited",
      ...httpErrors.rate_limited,
      retryAfterSeconds: 7,
      requestId: "r-1",
    });
    for (const other of [new Error("glpat-secret"), "glpat-secret", undefined])
      expect(toHttpError(other)).toEqual({ code: "internal", ...httpErrors.internal });
  });
});

test.each<[string, object]>([
  ["a client", { gitlab: {} }],
  ["a client of this package", { gitlab: { as: () => undefined } }],
  ["who it is", { identify: undefined }],
  ["a path", { path: "connect/../x" }],
  ["connections that are not undefined", { connections: undefined }],
  ["known names", { redirectTo: "/" }],
  ["a style that is one", { style: "</style><script>" }],
  ["a returnTo on the own site", { returnTo: "https://evil.example" }],
])("options are checked: %s", (_, wrong) => {
  const gitlab = createGitLab({ store: "memory:" });
  onTestFinished(() => gitlab.close());
  const options: object = { gitlab, identify: signedInAs, ...wrong };
  expect(() => Reflect.apply(createConnectHandler, undefined, [options]) as unknown).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
});

import { connect as openSocket } from "node:net";
import { text as readAll } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  applicationOn,
  connectAs,
  connectPlace,
  csrfOn,
  locationOf,
  PersonsBrowser,
  press,
  startInstances,
  type ConnectPlace,
  type Instances,
} from "../support/connect.js";

/*
 * What somebody hostile may try against the connect pages, and what comes of it. The attacker has an account of the
 * product and of GitLab, makes people open links and pages, and reads what is public.
 */

let instances: Instances;
beforeAll(async () => void (instances = await startInstances()));
afterAll(() => instances.close());

async function active(place: ConnectPlace): Promise<string[]> {
  const { connectedAccounts } = await place.gitlab.actions.listConnectedAccounts({ status: "ACTIVE" });
  return connectedAccounts.map(({ identifier, gitlabUser }) => `${identifier}=${gitlabUser?.username ?? "?"}`);
}

const tokenOf = async (place: ConnectPlace, browser: PersonsBrowser): Promise<string> =>
  csrfOn(await (await browser.get(place.page)).text());

describe("a change that another site makes a person's browser send", () => {
  test("is refused without a token, with a forged one, another person's, or another browser's", async () => {
    const place = await connectPlace(instances);
    const [victim, attacker, otherBrowser] = ["ada", "eve", "ada"].map((name) => new PersonsBrowser(name));
    if (!victim || !attacker || !otherBrowser) throw new Error("three browsers");
    await connectAs(place, victim, [instances.gitlab, "gitlab", "ada"]);
    const own = await tokenOf(place, victim);
    const [evil, other] = [await tokenOf(place, attacker), await tokenOf(place, otherBrowser)];
    for (const csrf of ["", "undefined", evil, other, own.slice(0, -1), `${own}A`, own.toUpperCase()])
      for (const action of ["connect", "disconnect"]) {
        const answer = await victim.post(place.page, { csrf, action, connection: "gitlab" });
        expect([answer.status, locationOf(answer)], `${action} ${csrf}`).toEqual([403, ""]);
      }
    expect(await active(place)).toEqual(["ada=ada"]);
  });

  test("is refused from another origin even with the person's own token", async () => {
    const place = await connectPlace(instances);
    const victim = new PersonsBrowser("ada");
    const form = { csrf: await tokenOf(place, victim), action: "connect", connection: "gitlab" };
    const senders: readonly Record<string, string>[] = [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { Origin: `${place.origin}.evil.example` },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
    ];
    for (const headers of senders)
      expect((await victim.post(place.page, form, headers)).status, JSON.stringify(headers)).toBe(403);
    expect((await victim.post(place.page, form, { Origin: place.origin })).status).toBe(303);
  });

  test("does not come by a link: nothing begins or ends with GET, HEAD or a form in the address", async () => {
    const place = await connectPlace(instances);
    const victim = new PersonsBrowser("ada");
    await connectAs(place, victim, [instances.gitlab, "gitlab", "ada"]);
    const csrf = await tokenOf(place, victim);
    const query = new URLSearchParams({ csrf, action: "disconnect", connection: "gitlab", _method: "POST" });
    expect((await victim.get(`${place.page}?${query.toString()}`)).status).toBe(200);
    expect((await victim.post(`${place.page}?${query.toString()}`, {})).status).toBe(400);
    expect(await active(place)).toEqual(["ada=ada"]);
  });

  test("is not made possible by a token of somebody who was signed in to the same browser before", async () => {
    const place = await connectPlace(instances);
    const shared = new PersonsBrowser("eve");
    const csrf = await tokenOf(place, shared);
    shared.signIn("ada");
    const answer = await shared.post(place.page, { csrf, action: "connect", connection: "gitlab" });
    expect(answer.status).toBe(403);
  });
});

describe("somebody else's GitLab", () => {
  test("does not come into the attacker's account by a link that the attacker began", async () => {
    const place = await connectPlace(instances);
    const [attacker, victim] = [new PersonsBrowser("eve"), new PersonsBrowser("ada")];
    const link = await press(place, attacker, "connect", "gitlab");
    // The victim, who trusts the product, agrees at GitLab.
    const callback = instances.gitlab.oauth.authorize(link, { username: "ada" });
    await victim.get(place.page);
    const answer = await victim.get(callback);
    expect([answer.status, locationOf(answer)]).toEqual([403, ""]);
    expect(await active(place)).toEqual([]);
  });

  test("nor where the attacker has signed the victim's browser in to the product as themselves", async () => {
    const place = await connectPlace(instances);
    const attacker = new PersonsBrowser("eve");
    const link = await press(place, attacker, "connect", "gitlab");
    const callback = instances.gitlab.oauth.authorize(link, { username: "ada" });
    // The same identifier, another browser: it has not begun this.
    const victim = new PersonsBrowser("eve");
    await victim.get(place.page);
    expect((await victim.get(callback)).status).toBe(403);
    expect(await active(place)).toEqual([]);
  });

  test("does not take the place of the person's own: an attacker's code is not taken with the victim's state", async () => {
    const place = await connectPlace(instances);
    const [attacker, victim] = [new PersonsBrowser("eve"), new PersonsBrowser("ada")];
    const stolen = new URL(
      instances.gitlab.oauth.authorize(await press(place, attacker, "connect", "gitlab"), { username: "ben" }),
    );
    const own = new URL(
      instances.gitlab.oauth.authorize(await press(place, victim, "connect", "gitlab"), { username: "ada" }),
    );
    own.searchParams.set("code", stolen.searchParams.get("code") ?? "");
    // PKCE: the code was made for another verifier.
    expect((await victim.get(own)).status).toBe(400);
    expect(await active(place)).toEqual([]);
  });

  test("a callback that somebody has read is worth nothing to them, and nothing the second time", async () => {
    const place = await connectPlace(instances);
    const [attacker, victim] = [new PersonsBrowser("eve"), new PersonsBrowser("ada")];
    const callback = instances.gitlab.oauth.authorize(await press(place, victim, "connect", "gitlab"), {
      username: "ada",
    });
    expect((await attacker.get(callback)).status).toBe(403);
    expect((await new PersonsBrowser().get(callback)).status).toBe(401);
    const Cookie = [...victim.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    expect((await fetch(callback, { method: "HEAD", headers: { Cookie } })).status).toBe(404);
    // Nor has it been used up by them.
    const departures = new Map(victim.cookies);
    expect(locationOf(await victim.get(callback))).toBe("/connect?connected=gitlab");
    expect((await victim.get(callback)).status).toBe(403);
    // With the cookie put back by hand, the state is still used.
    for (const [name, value] of departures) victim.cookies.set(name, value);
    const again = await victim.get(callback);
    expect([again.status, await again.text()]).toEqual([400, expect.stringContaining("used already")]);
  });

  test("another person who signs in to the same browser meanwhile gets nothing of it", async () => {
    const place = await connectPlace(instances);
    const browser = new PersonsBrowser("ada");
    const link = await press(place, browser, "connect", "gitlab");
    browser.signIn("eve");
    expect((await browser.get(instances.gitlab.oauth.authorize(link, { username: "ada" }))).status).toBe(403);
    expect(await active(place)).toEqual([]);
  });

  test("a link is good for ten minutes", async () => {
    const place = await connectPlace(instances);
    const ada = new PersonsBrowser("ada");
    const callback = instances.gitlab.oauth.authorize(await press(place, ada, "connect", "gitlab"), {
      username: "ada",
    });
    place.clock.ms += 10 * 60_000;
    expect((await ada.get(callback)).status).toBe(400);
    expect(await active(place)).toEqual([]);
  });

  test("one instance does not pass for another: a callback is taken at its own address only", async () => {
    const place = await connectPlace(instances);
    const ada = new PersonsBrowser("ada");
    const callback = instances.gitlab.oauth.authorize(await press(place, ada, "connect", "gitlab"), {
      username: "ada",
    });
    const mixed = await ada.get(callback.replace("/connect/gitlab", "/connect/acme"));
    expect([mixed.status, locationOf(mixed)]).toEqual([500, ""]);
    expect(await active(place)).toEqual([]);
  });
});

test.each([
  "https://evil.example",
  "//evil.example",
  String.raw`/\evil.example`,
  String.raw`\\evil.example`,
  "/\t/evil.example",
  "/%0d%0aSet-Cookie:x=y\r\nX: y",
  "javascript:alert(1)",
  "data:text/html,x",
  "https://app.example@evil.example/",
])("nobody is sent on to %j", async (return_to) => {
  const place = await connectPlace(instances);
  const ada = new PersonsBrowser("ada");
  const page = await ada.get(`${place.page}?${new URLSearchParams({ return_to }).toString()}`);
  expect([page.status, locationOf(page)]).toEqual([400, ""]);
  for (const action of ["connect", "disconnect"]) {
    const csrf = await tokenOf(place, ada);
    const answer = await ada.post(place.page, { csrf, action, connection: "gitlab", return_to });
    expect([answer.status, locationOf(answer)]).toEqual([400, ""]);
  }
});

test("what others have written is text on the pages, and an address says only what is so", async () => {
  const place = await connectPlace(instances);
  const ada = new PersonsBrowser("ada");
  const evil = '"><script>alert(1)</script>';
  const query = new URLSearchParams({
    connected: evil,
    disconnected: "gitlab",
    revocation: evil,
    return_to: `/${evil}`,
  });
  const text = await (await ada.get(`${place.page}?${query.toString()}`)).text();
  expect(text).not.toContain("<script");
  expect(text).not.toContain('role="status"');
  // Not connected, whatever the address says.
  expect(await (await ada.get(`${place.page}?connected=gitlab`)).text()).not.toContain("is connected");
  const failed = await ada.get(
    `${place.page}/gitlab?state=${encodeURIComponent(evil)}&error=${encodeURIComponent(evil)}`,
  );
  expect(await failed.text()).not.toContain("alert(1)");
});

test("customers do not see or use each other's instances, which are named after them", async () => {
  const place = await connectPlace(instances);
  await place.gitlab.connections.set("initech", applicationOn(instances.acme, "initech", place.origin));
  const eve = new PersonsBrowser("eve");
  expect(await (await eve.get(place.page)).text()).not.toContain("initech");
  const { csrf } = (await (await eve.json(place.page)).json()) as { csrf: string };
  const answers = await Promise.all(
    ["initech", "nothing", "__proto__", ""].map(async (connection) => {
      const answer = await eve.json(place.page, { csrf, action: "connect", connection });
      return [answer.status, await answer.text()];
    }),
  );
  expect(new Set(answers.map(String)).size).toBe(1);
});

test("no token, secret or code is on a page, in an address or in a cookie", async () => {
  const place = await connectPlace(instances);
  const ada = new PersonsBrowser("ada");
  const link = await press(place, ada, "connect", "gitlab");
  const callback = new URL(instances.gitlab.oauth.authorize(link, { username: "ada" }));
  const end = await ada.get(callback);
  const seen = [
    locationOf(end),
    ...[...ada.cookies].flat(),
    await (await ada.get(place.page)).text(),
    await (await ada.json(place.page)).text(),
  ].join("\n");
  const { pathname, searchParams } = callback;
  expect(pathname).toBe("/connect/gitlab");
  for (const secret of [searchParams.get("code"), searchParams.get("state")]) expect(seen).not.toContain(secret);
  const used = [...instances.gitlab.state.tokens.keys()];
  expect(used.length).toBeGreaterThan(0);
  for (const token of used) expect(seen).not.toContain(token);
});

describe("the server", () => {
  test("takes no large body, and no body that is nonsense", async () => {
    const place = await connectPlace(instances);
    const ada = new PersonsBrowser("ada");
    expect((await ada.post(place.page, { csrf: "x".repeat(20_000) })).status).toBe(413);
    const headers = { Cookie: "session=ada", "Content-Type": "application/json" };
    for (const body of ["{", "null", "[]", '"connect"', '{"action":{}}', ""])
      expect((await fetch(place.page, { method: "POST", body, headers })).status, body).toBe(400);
  });

  test("goes on after requests that no browser sends", async () => {
    const place = await connectPlace(instances);
    const { port, hostname } = new URL(place.origin);
    const raw = async (request: string): Promise<string> => {
      const socket = openSocket(Number(port), hostname);
      socket.end(request);
      return await readAll(socket);
    };
    for (const [target, host] of [
      ["/connect", "["],
      ["/connect", "a b@c:d"],
      ["//evil.example/connect", "x"],
      ["http://evil.example/connect", "x"],
    ] as const)
      expect(await raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 [45]/,
      );
    expect((await new PersonsBrowser("ada").get(place.page)).status).toBe(200);
  });
});

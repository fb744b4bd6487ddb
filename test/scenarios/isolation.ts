import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { createGitLab, GitLabToolError, type GitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { projectsList } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, expect } from "vitest";
import { newKey } from "../support/accounts.js";

const lifetimeMs = 7_200_000;
const people = 5;

interface Instance {
  readonly name: string;
  readonly gitlab: GitLabEmulator;
  readonly connection: {
    baseUrl: string;
    redirectUri: string;
    scopes: string[];
    clientId: string;
    clientSecret: string;
  };
}

let folder: string;
let instances: Instance[];
let offsetMs = 0;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "isolation-"));
  const now = (): Date => new Date(Date.now() + offsetMs);
  const shapes = [
    { name: "gitlab", options: { instance: "gitlab.com" as const } },
    { name: "acme", options: { pathPrefix: "/gitlab" } },
    { name: "Acme", options: { plan: "free" as const } },
  ];
  instances = await Promise.all(
    shapes.map(async ({ name, options }) => {
      const gitlab = await createGitLabEmulator({ ...options, now, seed: false });
      for (let person = 0; person < people; person += 1)
        gitlab.users.create({ username: `${name}-${person}`.toLowerCase() });
      const redirectUri = `https://app.example/callback/${name}`;
      const application = gitlab.oauth.createApplication({ redirectUri, scopes: ["api", "read_api"] });
      return { name, gitlab, connection: { baseUrl: gitlab.baseUrl, redirectUri, scopes: ["api"], ...application } };
    }),
  );
});

afterAll(async () => {
  await Promise.all(instances.map(({ gitlab }) => gitlab.close()));
  await rm(folder, { recursive: true });
});

/** Something that happens to one person's account on one instance. */
type Step = "call" | "expire" | "revoke" | "delete" | "connect" | "paste" | "refresh due";

const step = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>("call") },
    { weight: 2, arbitrary: fc.constantFrom<Step[]>("connect", "expire") },
    { weight: 1, arbitrary: fc.constantFrom<Step[]>("revoke", "delete", "paste", "refresh due") },
  ),
  person: fc.nat(people - 1),
  instance: fc.nat(2),
});

/** Identifiers that are easily taken for one another. */
const identifiers = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom(
      "user",
      "User",
      "user ",
      "üser",
      "u\u0308ser",
      "user%",
      "user_",
      "user'",
      '","user',
      "__proto__",
      "toString",
      "0",
      "👤",
    ),
    fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
      .filter((text) => text.trim() !== "" && text.isWellFormed()),
  ),
  { minLength: people, maxLength: people },
);

/** What a call may answer when its account has just been revoked or deleted. */
const disconnected = new Set(["account_not_found", "account_not_connected", "account_revoked"]);

/** Random interleavings of steps, so many of them, none of which mixes up people or instances. */
export async function checkIsolation(numRuns: number): Promise<void> {
  let calls = 0;
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(
      identifiers,
      fc.array(fc.array(step, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      fc.constantFrom("memory", "sqlite"),
      async (names, batches, kind) => {
        runs += 1;
        const gitlab = createGitLab({
          connections: Object.fromEntries(instances.map(({ name, connection }) => [name, connection])),
          store: kind === "memory" ? "memory:" : `sqlite:${join(folder, `${runs}.db`)}`,
          encryptionKey: newKey(),
          now: () => Date.now() + offsetMs,
        });
        const from = instances.map((instance) => instance.gitlab.requests.length);
        const run = async (what: Step, person: number, instance: Instance): Promise<void> => {
          const key = { connectionName: instance.name, identifier: names[person] ?? "" };
          const username = `${instance.name}-${person}`.toLowerCase();
          try {
            if (what === "call") {
              calls += 1;
              const account = gitlab.as(key.identifier, { connectionName: key.connectionName });
              await projectsList(account, { search: `${runs} ${username}` });
              answered += 1;
            } else await change(gitlab, what, key, instance, username);
          } catch (error) {
            // A callback, and only that, may find that its link is gone.
            const linkGone = what !== "call" && error instanceof GitLabToolError && error.code === "invalid_input";
            if (!linkGone && !(error instanceof GitLabToolError && disconnected.has(error.code))) throw error;
          }
        };
        for (let person = 0; person < people; person += 1) {
          await Promise.all(instances.map((instance) => run("connect", person, instance)));
        }
        for (const batch of batches) {
          await Promise.all(
            batch.map(({ what, person, instance }) => run(what, person, instances[instance] ?? expect.fail("none"))),
          );
        }
        await gitlab.close();
        instances.forEach(({ gitlab: emulator, name }, index) => {
          for (const request of emulator.requests.slice(from[index])) {
            // Every token that arrives here was given to one of this instance's people …
            if (request.credentials !== "none")
              expect(request.username).toMatch(new RegExp(`^${name.toLowerCase()}-\\d$`));
            // … and every call carries the token of the one that it is made for, dead or alive.
            const asked = /^\d+ (.*)$/.exec(new URLSearchParams(request.query).get("search") ?? "")?.[1];
            if (asked !== undefined) expect(request.username).toBe(asked);
          }
        });
      },
    ),
    { numRuns, endOnFailure: true },
  );
  expect(answered).toBeGreaterThan(calls / 4);
  const requests = instances.reduce((sum, { gitlab }) => sum + gitlab.requests.length, 0);
  console.log(
    `isolation: ${runs} runs, ${calls} calls (${answered} answered), ${requests} requests on ${instances.length} instances`,
  );
}

async function change(
  client: GitLab,
  what: Exclude<Step, "call">,
  key: { connectionName: string; identifier: string },
  { gitlab }: Instance,
  username: string,
): Promise<void> {
  if (what === "expire") offsetMs += lifetimeMs + 1_000;
  else if (what === "revoke") gitlab.oauth.revoke(username);
  else if (what === "delete") await client.actions.deleteConnectedAccount(key);
  else if (what === "paste") {
    await client.connectWithToken({ ...key, token: gitlab.tokens.create({ username, scopes: ["api"] }) });
  } else if (what === "connect") {
    const { link } = await client.actions.getAuthorizationLink(key);
    await client.handleCallback(gitlab.oauth.authorize(link, { username }), { expectedIdentifier: key.identifier });
  } else await client.startRefresher().stop();
}

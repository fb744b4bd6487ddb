import { afterEach, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { seedCiConfig, seedCiConfigRead } from "../../src/testing/seed/seed-ci-config.js";
import { createGitLabEmulator, type EmulatorSeed, type GitLabEmulator } from "../../src/testing/index.js";

test("the seeded CI configuration is known without YAML, as its text says", () => {
  expect(parse(seedCiConfig)).toEqual(seedCiConfigRead);
});

const running: GitLabEmulator[] = [];
const start = async (seed: boolean | EmulatorSeed): Promise<GitLabEmulator> => {
  const gitlab = await createGitLabEmulator({ seed });
  running.push(gitlab);
  return gitlab;
};
afterEach(() => Promise.all(running.splice(0).map((gitlab) => gitlab.close())));

const shop: EmulatorSeed = {
  users: [{ username: "ada", admin: true }, { username: "ben" }],
  groups: [{ path: "shop", members: { ben: 30 } }],
  projects: [
    {
      path: "shop/web",
      branches: {
        main: { "README.md": "# Web\n", ".gitlab-ci.yml": "test:\n  script: make test\n" },
        basket: { "README.md": "# Web\n", ".gitlab-ci.yml": "test:\n  script: make test\n", "basket.ts": "x\n" },
      },
      labels: [{ name: "bug", color: "#d9534f" }],
      issues: [{ title: "Basket is empty", author: "ben", labels: ["bug"], notes: [{ author: "ada", body: "Why?" }] }],
      merge_requests: [{ title: "Fill it", source_branch: "basket", author: "ben", reviewers: ["ada"] }],
      pipelines: [{ ref: "main", failed: ["test"] }],
    },
  ],
};

test("an emulator begins with what a seed says", async () => {
  const gitlab = await start(shop);
  const token = gitlab.tokens.create({ username: "ben", scopes: ["api"] });
  const get = async (path: string): Promise<unknown> =>
    (
      await fetch(`${gitlab.baseUrl}/api/v4/projects/shop%2Fweb/${path}`, { headers: { "private-token": token } })
    ).json();
  expect(await get("issues")).toMatchObject([{ title: "Basket is empty", labels: ["bug"], user_notes_count: 1 }]);
  expect(await get("merge_requests")).toMatchObject([{ title: "Fill it", reviewers: [{ username: "ada" }] }]);
  expect(await get("pipelines")).toMatchObject([{ ref: "main", status: "failed" }]);
  expect(await get("repository/tree?ref=basket")).toHaveLength(3);
});

test("a snapshot begins another one alike, also by way of YAML", async () => {
  const first = await start(true);
  const snapshot = first.snapshot();
  const second = await start(parse(stringify(snapshot)) as EmulatorSeed);
  const names = ({ projects = [] }: EmulatorSeed): unknown =>
    projects.map(({ path, branches = {}, issues = [], labels = [], variables }) => [
      path,
      branches,
      issues.map(({ title, state, labels: marks, author, notes }) => [title, state, marks, author, notes]),
      labels.map(({ name }) => name),
      variables,
    ]);
  expect(names(second.snapshot())).toEqual(names(snapshot));
});

test("the company that everybody begins with is dated from the start, however late somebody looks", async () => {
  const started = Date.parse("2026-03-04T09:30:00Z");
  let now = started;
  const gitlab = await createGitLabEmulator({ now: () => new Date(now) });
  running.push(gitlab);
  now += 7 * 86_400_000;
  const dates = gitlab.state.planning.issues.map(({ createdAt }) => createdAt.getTime());
  expect(Math.max(...dates)).toBeLessThan(started);
});

test("a snapshot has releases, tags and what is declared as data, and no secret", async () => {
  const first = await start(true);
  const send = async (path: string, json: unknown): Promise<unknown> => {
    const headers = {
      "private-token": first.tokens.create({ username: "ada", scopes: ["api"] }),
      "content-type": "application/json",
    };
    const url = `${first.baseUrl}/api/v4${path}`;
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify(json) })).json();
  };
  const app = "/projects/acme%2Fapp";
  await send(`${app}/environments`, { name: "staging" });
  await send(`${app}/triggers`, { description: "Nightly" });
  await send("/groups/acme/hooks", { url: "https://example.com/", token: "hush-hush" });
  await send("/groups/acme/variables", { key: "HIDDEN", value: "never-shown", masked_and_hidden: true });
  const snapshot = first.snapshot();
  const second = await start(parse(stringify(snapshot)) as EmulatorSeed);
  const [seeded, planted] = [snapshot, second.snapshot()].map(({ projects = [] }) =>
    projects.find(({ path }) => path === "acme/app"),
  );
  expect(planted?.releases).toEqual(seeded?.releases);
  expect(planted?.releases?.length).toBeGreaterThan(0);
  expect(Object.keys(planted?.tags ?? {})).toEqual(Object.keys(seeded?.tags ?? {}));
  expect(planted?.resources?.["environments"]).toEqual(seeded?.resources?.["environments"]);
  expect(planted?.resources?.["environments"]).toContainEqual(
    expect.objectContaining({ author: "ada", values: expect.objectContaining({ name: "staging" }) as unknown }),
  );
  const told = /hush-hush|never-shown|glptt-/.exec(JSON.stringify(snapshot));
  expect(told).toBeNull();
});

import { afterEach, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { seedCiConfig, seedCiConfigRead } from "../../src/testing/seed/seed-ci-config.js";
import { newEpic } from "../../src/testing/state/work-items.js";
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

test("a snapshot begins another one alike, by way of YAML: its own snapshot is the same", async () => {
  const first = await start(true);
  const token = first.tokens.create({ username: "ada", scopes: ["api"] });
  const send = async (method: string, path: string, json?: object): Promise<Record<string, unknown>> => {
    const headers = { "private-token": token, "content-type": "application/json" };
    const body = json === undefined ? undefined : JSON.stringify(json);
    const answer = await fetch(`${first.baseUrl}/api/v4${path}`, { method, headers, body });
    expect(answer.status, `${method} ${path}`).toBeLessThan(300);
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
  };
  const app = "/projects/acme%2Fapp";
  const make = (path: string, json?: object): Promise<Record<string, unknown>> => send("POST", path, json);
  await make(`${app}/labels`, { name: "urgent", color: "#ff0000", priority: 1 });
  await make(`${app}/milestones`, {
    title: "Spring",
    start_date: "2026-03-01",
    due_date: "2026-05-31",
    description: "Soon",
  });
  await send("DELETE", `${app}/issues/1`);
  const issue = await make(`${app}/issues`, {
    title: "Rich",
    weight: 3,
    due_date: "2026-05-01",
    issue_type: "incident",
  });
  const one = `${app}/issues/${String(issue["iid"])}`;
  await make(`${one}/award_emoji`, { name: "tada" });
  await make(`${one}/time_estimate`, { duration: "2h" });
  await make(`${one}/links`, { target_project_id: "acme/app", target_issue_iid: 2, link_type: "blocks" });
  const thread = await make(`${one}/discussions`, { body: "Why?" });
  await make(`${one}/discussions/${String(thread["id"])}/notes`, { body: "Because" });
  await make(`${one}/notes`, { body: "Apart" });
  await send("PUT", one, { discussion_locked: true });
  const schedule = await make(`${app}/pipeline_schedules`, { description: "Nightly", ref: "main", cron: "0 1 * * *" });
  await make(`${app}/pipeline_schedules/${String(schedule["id"])}/variables`, { key: "NIGHTLY", value: "1" });
  await make(`${app}/protected_branches`, { name: "beta-*", push_access_level: 0 });
  await make("/snippets", { title: "Mine", visibility: "private", file_name: "a.md", content: "x" });
  const { id: website } = await send("GET", "/projects/acme%2Fwebsite");
  const { id: number } = await send("GET", app);
  await make(`/projects/${String(number)}/job_token_scope/allowlist`, { target_project_id: website });
  await send("PUT", app, { merge_method: "ff", only_allow_merge_if_pipeline_succeeds: true });
  await make("/projects/acme%2Fwebsite/archive");
  const { workItems, planning, now } = first.state;
  const acme = first.state.groupByPath("acme");
  const rich = planning.issues.at(-1);
  if (acme === undefined || rich === undefined) throw new Error("The company has changed");
  const cadence = { groupId: acme.id, title: "Sprints", description: "", durationInWeeks: 2, startDate: "2026-01-05" };
  workItems.addCadence(cadence, 3);
  const epic = newEpic({
    id: planning.nextId("issue"),
    iid: 1,
    groupId: acme.id,
    authorId: rich.authorId,
    createdAt: now(),
  });
  workItems.epics.push(Object.assign(epic, { title: "All of it" }));
  Object.assign(workItems.extras(rich.id), {
    parentId: epic.id,
    iterationId: workItems.iterations[1]?.id ?? null,
    status: "In progress",
    color: "#ff0000",
  });

  const snapshot = first.snapshot();
  const second = await start(parse(stringify(snapshot)) as EmulatorSeed);
  expect(JSON.parse(JSON.stringify(second.snapshot()))).toEqual(JSON.parse(JSON.stringify(snapshot)));
  const seeded = snapshot.projects
    ?.find(({ path }) => path === "acme/app")
    ?.issues?.find(({ title }) => title === "Rich");
  expect(seeded).toMatchObject({
    parent: "acme&1",
    iteration: "Sprints 2",
    status: "In progress",
    links: [{ to: "acme/app#2", type: "blocks" }],
    notes: [{ thread: 0 }, { thread: 0, body: "Because" }, { body: "Apart" }],
    resources: { award_emoji: [{ author: "ada", values: { name: "tada" } }] },
  });
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
  const header = { key: "Authorization", value: "hush-header" };
  await send(`${app}/hooks`, {
    url: "https://example.com/",
    signing_token: "whsec_hush-hush",
    custom_headers: [header],
  });
  await send(`${app}/variables`, { key: "MASKED", value: "hush-masked", masked: true });
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
  const told = /hush-|never-shown|glptt-|chat-secret|c2lnbmluZy1rZXk/.exec(JSON.stringify(snapshot));
  expect(told).toBeNull();
});

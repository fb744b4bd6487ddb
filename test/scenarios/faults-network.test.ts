import { issueCreate, issueNoteCreate, issueNotesList, issuesList, issueUpdate } from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { refusal, stage } from "../support/people.js";

const project_id = "acme/app";

describe("a bad day of the network", () => {
  const list = { method: "GET", path: "/issues" };

  test.each([
    ["reset before the answer", { reset: "before" }],
    ["reset in the body", { resetMidBody: true }],
    ["cut short", { truncate: true }],
    ["damaged gzip", { badGzip: true }],
    ["502 with a page", { status: 502, body: "<html><title>Bad Gateway</title></html>" }],
    ["503", { status: 503, headers: { "retry-after": "0" } }],
  ] as const)("a read survives it once, and says what it was when it stays: %s", async (_, what) => {
    const { as, emulator } = await stage({}, { sleep: () => Promise.resolve() });
    const ben = await as("ben");
    emulator.faults.add({ ...list, ...what, times: 2 });
    expect((await issuesList(ben, { project_id })).data.length).toBeGreaterThan(0);
    emulator.faults.add({ ...list, ...what, times: 3 });
    const error = await refusal(issuesList(ben, { project_id }));
    expect(["network_error", "gitlab_unavailable"]).toContain(error.code);
    expect(error).toMatchObject({ retryable: true, toolName: "gitlab_issues_list" });
  });

  test.each([
    ["before GitLab acts", { reset: "before" }, 2],
    ["after GitLab acted", { reset: "after" }, 1],
    ["in the answer's body", { resetMidBody: true }, 1],
    ["answer cut short", { truncate: true }, 1],
    ["damaged gzip", { badGzip: true }, 1],
  ] as const)(
    "a create that gets lost is looked for, and sent again only where it is not there: %s",
    async (_, what, posts) => {
      const { as, emulator, requests } = await stage({}, { sleep: () => Promise.resolve() });
      const ben = await as("ben");
      requests();
      emulator.faults.add({ method: "POST", path: "/notes", ...what });
      const body = "Only once, please";
      const made = await issueNoteCreate(ben, { project_id, issue_iid: 1, body });
      expect(made.data).toMatchObject({ body, author: { username: "ben" } });
      expect(made.warnings?.length ?? 0).toBe(posts === 1 ? 1 : 0);
      expect(requests().filter((request) => request.startsWith("POST"))).toHaveLength(posts);
      const { data: notes } = await issueNotesList(ben, { project_id, issue_iid: 1, per_page: 100 });
      expect(notes.filter((note) => note.body === body)).toHaveLength(1);
    },
  );

  test.each([
    ["its text had quick actions, which are gone from it", { body: "One\n/label ~bug" }, {}],
    ["lookups are switched off", { body: "Two" }, { lookups: false }],
    ["an equal one was made just before", { body: "Three", before: true }, {}],
  ] as const)(
    "a create of which cannot be told what became of it is not sent again: %s",
    async (_, { body, ...more }, client) => {
      const { as, emulator, requests } = await stage({}, { sleep: () => Promise.resolve(), ...client });
      const ben = await as("ben");
      const note = { project_id, issue_iid: 1, body };
      if ("before" in more) await issueNoteCreate(ben, note);
      requests();
      emulator.faults.add({ method: "POST", path: "/notes", reset: "after" });
      const error = await refusal(issueNoteCreate(ben, note));
      expect(error).toMatchObject({ retryable: false });
      expect(error.message).toContain("may have been carried out");
      expect(requests().filter((request) => request.startsWith("POST"))).toHaveLength(1);
    },
  );

  test("a body that trickles ends with the budget", async () => {
    const { as, emulator } = await stage();
    const ben = await as("ben");
    emulator.faults.add({ ...list, slowBodyMs: 400 });
    const error = await refusal(issuesList(ben, { project_id }, { timeoutMs: 300 }));
    expect(error).toMatchObject({ code: "timeout", retryable: true, details: { timeoutMs: 300 } });
  });

  test("an answer that never comes ends with the budget; a change may have happened", async () => {
    const { as, emulator } = await stage();
    const ben = await as("ben");
    emulator.faults.add({ method: "POST", path: "/issues", delayMs: 2000 });
    const error = await refusal(issueCreate(ben, { project_id, title: "late" }, { timeoutMs: 150 }));
    expect(error).toMatchObject({ code: "timeout", retryable: false });
    expect(error.message).toContain("may have been carried out");
  });

  test("the rate limit is kept before GitLab says 429, and 429 is waited out", async () => {
    const { as, emulator, requests } = await stage({}, { limits: { longestWaitMs: 500 } });
    const ben = await as("ben");
    emulator.setRateLimit({ limit: 3, periodSeconds: 3600 });
    for (let call = 0; call < 3; call += 1) await issuesList(ben, { project_id }).catch(() => undefined);
    requests();
    const error = await refusal(issuesList(ben, { project_id }));
    expect(error).toMatchObject({ code: "rate_limited", retryable: true });
    expect(error.details?.["retryAfterSeconds"]).toBeGreaterThan(0);
    expect(requests()).toEqual([]);
    const other = await as("ada");
    emulator.setRateLimit({ limit: 100_000, periodSeconds: 60 });
    emulator.faults.add({ method: "PUT", status: 429, body: "Retry later\n", headers: { "retry-after": "0" } });
    await issueUpdate(other, { project_id, issue_iid: 1, description: "waited" });
  });
});

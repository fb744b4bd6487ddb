import { mergeRequestCreate, mergeRequestUpdate } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { connect, json, serve, type Respond } from "../../support/server.js";

const titled = (title: string): Respond => {
  return (_, response) => json(response, { iid: 7, title, assignees: [], reviewers: [] });
};

async function account(title = "Add the parser") {
  const server = await serve(titled(title));
  return { ...(await connect(server)), arrived: server.arrived };
}

const bodies = (arrived: readonly { readonly body: string; readonly method: string }[]): unknown[] =>
  arrived.map(({ method, body }) => (method === "GET" ? "GET" : (JSON.parse(body) as unknown)));

const place = { project_id: 1, source_branch: "parser", target_branch: "main" };
const request = { project_id: 1, merge_request_iid: 7 };

test("draft: true writes the prefix when a merge request is opened, draft: false leaves it out", async () => {
  const { account: me, arrived } = await account();
  await mergeRequestCreate(me, { ...place, title: "Add the parser", draft: true });
  await mergeRequestCreate(me, { ...place, title: "Draft: Add the parser", draft: true });
  await mergeRequestCreate(me, { ...place, title: "[Draft] draft: Add the parser", draft: false });
  await mergeRequestCreate(me, { ...place, title: "Draft: as it is" });
  expect(bodies(arrived).map((body) => (body as { title: string }).title)).toEqual([
    "Draft: Add the parser",
    "Draft: Add the parser",
    "Add the parser",
    "Draft: as it is",
  ]);
  expect(arrived.every(({ body }) => !("draft" in (JSON.parse(body) as object)))).toBe(true);
});

test("an update of draft alone keeps the title that the merge request has", async () => {
  const ready = await account("Draft: Add the parser");
  await mergeRequestUpdate(ready.account, { ...request, draft: false });
  expect(bodies(ready.arrived)).toEqual(["GET", { title: "Add the parser" }]);

  const draft = await account();
  await mergeRequestUpdate(draft.account, { ...request, draft: true });
  expect(bodies(draft.arrived)).toEqual(["GET", { title: "Draft: Add the parser" }]);
});

test("with a title beside it nothing is asked first", async () => {
  const { account: me, arrived } = await account("something else");
  await mergeRequestUpdate(me, { ...request, title: "Add the lexer", draft: true });
  expect(bodies(arrived)).toEqual([{ title: "Draft: Add the lexer" }]);
});

test("a dry run asks nothing", async () => {
  const { account: me, arrived } = await account();
  const { data } = await mergeRequestUpdate(me, { ...request, draft: true }, { dryRun: true });
  expect(data.body).toEqual({ title: "Draft: (the present title)" });
  expect(arrived).toEqual([]);
});

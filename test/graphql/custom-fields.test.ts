import { createGitLab, type GitLab, type GitLabAccount } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { workItemCreate, workItemGet, workItemsList, workItemUpdate } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const project_id = "shop/web";
const field = (name: string, field_type: string, more: object = {}) => ({ values: { name, field_type, ...more } });

let emulator: GitLabEmulator;
let gitlab: GitLab;
let ada: GitLabAccount;

beforeAll(async () => {
  emulator = await createGitLabEmulator({
    plan: "ultimate",
    seed: {
      users: [{ username: "ada" }],
      groups: [
        {
          path: "shop",
          members: { ada: 50 },
          resources: {
            custom_fields: [
              field("Severity", "SINGLE_SELECT", { options: ["High", "Low"] }),
              field("Teams", "MULTI_SELECT", { options: ["Web", "Data", "Mobile"] }),
              field("Effort", "NUMBER"),
              field("Contact", "TEXT"),
            ],
          },
        },
      ],
      projects: [{ path: "shop/web" }],
    },
  });
  gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  await gitlab.connectWithToken({ identifier: "ada", token });
  ada = gitlab.as("ada");
});
afterAll(async () => {
  await gitlab.close();
  await emulator.close();
});

type Given = NonNullable<Parameters<typeof workItemUpdate>[1]["custom_fields"]>;

const made = async (custom_fields?: Given): Promise<string> => {
  const { data } = await workItemCreate(ada, { project_id, title: "Basket", ...(custom_fields && { custom_fields }) });
  return data.reference;
};

/** The values by the names of their fields, as a model reads them. */
async function values(work_item: string): Promise<Record<string, unknown>> {
  const { data } = await workItemGet(ada, { work_item }, { view: "full" });
  const widgets = data.widgets as readonly { readonly customFieldValues?: readonly Record<string, unknown>[] }[];
  const found = widgets.flatMap(({ customFieldValues }) => customFieldValues ?? []);
  return Object.fromEntries(
    found.flatMap(({ customField, text, number, selectedOptions }) => {
      const options = (selectedOptions as readonly { value: string }[] | null | undefined)?.map(({ value }) => value);
      const value = text ?? number ?? (options?.length ? options : undefined);
      return value === undefined ? [] : [[(customField as { name: string }).name, value]];
    }),
  );
}

describe("custom fields", () => {
  test("are set by their names and their options' names, and cleared by nothing", async () => {
    const work_item = await made({ severity: "high", Effort: "3.5" });
    expect(await values(work_item)).toEqual({ Severity: ["High"], Effort: 3.5 });
    await workItemUpdate(ada, { work_item, custom_fields: { Teams: ["Web", "data"], Contact: "Ben", Effort: "" } });
    expect(await values(work_item)).toEqual({ Severity: ["High"], Teams: ["Web", "Data"], Contact: "Ben" });
    await workItemUpdate(ada, { work_item, custom_fields: { Severity: "", Teams: [] } });
    expect(await values(work_item)).toEqual({ Contact: "Ben" });
  });

  test.each<[object, string, RegExp]>([
    [
      { Severty: "High" },
      "not_found",
      /no type of shop\/web has a custom field "Severty"; there are Severity, Teams, Effort, Contact/,
    ],
    [{ Severity: "Medium" }, "not_found", /has no option "Medium"; there are High, Low/],
    [{ Severity: ["High", "Low"] }, "invalid_input", /takes one option/],
    [{ Effort: "much" }, "invalid_input", /takes a number/],
    [{ Effort: true }, "invalid_input", /takes a number/],
    [{ Effort: [1] }, "invalid_input", /takes a number/],
    [{ Contact: { a: 1 } }, "invalid_input", /Contact: does not fit/],
    [{ ["gid://gitlab/Issuables::CustomField/1"]: "x" }, "not_found", /has a custom field "gid/],
  ])("%j is refused before anything is changed", async (custom_fields, code, message) => {
    const work_item = await made({ Effort: 1 });
    const before = emulator.requests.length;
    const failed = expect(
      workItemUpdate(ada, { work_item, title: "Changed", custom_fields: custom_fields as Given }),
    ).rejects;
    await failed.toMatchObject({ code, message: expect.stringMatching(message) as string });
    const sent = emulator.requests.slice(before).filter(({ body }) => JSON.stringify(body).includes("mutation"));
    expect(sent).toEqual([]);
  });
});

describe("a list of work items", () => {
  const titles = async (input: Omit<Parameters<typeof workItemsList>[1], "project_id">): Promise<string[]> =>
    (await workItemsList(ada, { project_id, ...input })).data.map(({ title }) => title).sort();

  test("is narrowed by what is not wanted, and widened by what is enough", async () => {
    const create = (title: string, type: string, assignees: string[] = []) =>
      workItemCreate(ada, { project_id, title, type, assignees, custom_fields: { Effort: 9 } });
    await create("A task of ada", "Task", ["ada"]);
    await create("An incident", "Incident");
    await create("A bare issue", "Issue");
    const search = "A";
    expect(await titles({ search, not_types: ["TASK"], any_author_usernames: ["ada"] })).not.toContain("A task of ada");
    expect(await titles({ search, not_assignee_usernames: ["ada"] })).toContain("A bare issue");
    expect(await titles({ search, not_assignee_usernames: ["ada"] })).not.toContain("A task of ada");
    expect(await titles({ search, any_assignee_usernames: ["ada"] })).toEqual(["A task of ada"]);
    expect(await titles({ search, not_author_username: ["ada"] })).toEqual([]);
  });

  test("is narrowed by custom fields, by name", async () => {
    await workItemCreate(ada, { project_id, title: "Grave", custom_fields: { Severity: "High" } });
    await workItemCreate(ada, { project_id, title: "Light", custom_fields: { Severity: "Low" } });
    const custom_fields = [{ custom_field_name: "Severity", selected_option_values: ["High"] }];
    const found = await titles({ custom_fields });
    expect(found).toContain("Grave");
    expect(found).not.toContain("Light");
  });
});

test("the ancestors of a child are told", async () => {
  const epic = (await workItemCreate(ada, { group_id: "shop", type: "Epic", title: "Season" })).data.reference;
  const issue = (await workItemCreate(ada, { project_id, title: "Shelf", parent: epic })).data.reference;
  const task = (await workItemCreate(ada, { project_id, type: "Task", title: "Board", parent: issue })).data.reference;
  const { data } = await workItemGet(ada, { work_item: task }, { view: "compact" });
  expect(data).toMatchObject({
    parent: expect.anything() as unknown,
    ancestors: [{ reference: epic }, { reference: issue }],
  });
});

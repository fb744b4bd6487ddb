import type { CallOptions } from "gitlab-agent-tools";
import {
  fileGet,
  fileUpdate,
  groupGet,
  groupVariableCreate,
  groupVariableGet,
  groupVariablesList,
  groupVariableUpdate,
  issueCreate,
  issueGet,
  issueNoteCreate,
  projectVariableCreate,
  projectVariableGet,
  projectVariablesList,
  projectVariableUpdate,
} from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";
import { maskText } from "../../src/views/secrets.js";
import { refusal, stage } from "../support/people.js";

/** Promised: a model reads no secret that somebody left in GitLab, and cannot destroy one by writing a mask over it. */
const project_id = "acme/app";
// In parts, so that no scanner takes them for real ones.
const secrets = [
  ["gl", "pat-abcdefghij0123456789"],
  ["AK", "IAABCDEFGHIJKLMNOP"],
  ["gh", "p_abcdefghijklmnopqrstuvwxyz0123456789"],
  ["xo", "xb-123456789012-abcdef"],
  ["-----BEGIN RSA PRIVATE", " KEY-----\nMIIabc+/=\nabc\n-----END RSA PRIVATE KEY-----"],
  ["-----BEGIN RSA PRIVATE", " KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\nMIIabc"],
  ["ey", "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklm"],
].map((parts) => parts.join(""));

test.each(secrets)("%s is hidden from models, and the SDK's full view is untouched", async (secret) => {
  const { as } = await stage();
  const ada = await as("ada");
  const description = `before ${secret} after`;
  const { data } = await issueCreate(ada, { project_id, title: "x", description });
  const issue = { project_id, issue_iid: data.iid };
  const compact = await issueGet(ada, issue, { view: "compact" });
  expect(compact.data["description"]).toMatch(/^before \[secret hidden: [a-z ]+\](?: after)?$/);
  expect((await issueGet(ada, issue)).data.description).toBe(description);
  const shown = await issueGet(ada, issue, { view: "compact", policy: { secrets: "show" } });
  expect(shown.data["description"]).toBe(description);
  const masked = await issueGet(ada, issue, { policy: { secrets: "mask" } });
  expect(masked.data.description).not.toContain(secret);
});

test("of a masked variable no value is shown, whatever it looks like", async () => {
  const { as } = await stage();
  const ada = await as("ada");
  await projectVariableCreate(ada, { project_id, key: "HIDDEN", value: "plain-words-1", masked: true });
  await projectVariableCreate(ada, { project_id, key: "OPEN", value: "plain-words-2" });
  const value = async (key: string): Promise<string> =>
    JSON.stringify((await projectVariableGet(ada, { project_id, key }, { view: "compact" })).data);
  expect(await value("HIDDEN")).not.toContain("plain-words-1");
  expect(await value("OPEN")).toContain("plain-words-2");
});

test("masked and hidden variables show a model no value, asked for or not, of projects and groups, alone and in lists", async () => {
  const { as } = await stage();
  const ada = await as("ada");
  const [project, group] = [{ project_id }, { group_id: "acme" }];
  for (const [key, how] of [
    ["MASKED", { masked: true }],
    ["HIDDEN", { masked_and_hidden: true }],
  ] as const) {
    const value = `plain-${key}`;
    await projectVariableCreate(ada, { ...project, key, value, ...how });
    await groupVariableCreate(ada, { ...group, key, value, ...how });
    for (const fields of [undefined, ["+value"], ["value"], ["key", "value"]]) {
      const options: CallOptions = { view: "compact", ...(fields && { fields }) };
      const answers = await Promise.all([
        projectVariableGet(ada, { ...project, key }, options),
        groupVariableGet(ada, { ...group, key }, options),
        projectVariablesList(ada, project, options),
        groupVariablesList(ada, group, options),
        projectVariableUpdate(ada, { ...project, key, value }, options),
        groupVariableUpdate(ada, { ...group, key, value }, options),
      ]);
      expect(JSON.stringify(answers), `${key} ${fields?.join()}`).not.toContain(value);
    }
  }
  const asked = { fields: ["+value"], policy: { secrets: "show" } } as const;
  expect((await projectVariableGet(ada, { ...project, key: "MASKED" }, asked)).data["value"]).toBe("plain-MASKED");
  expect((await groupVariableGet(ada, { ...group, key: "MASKED" }, asked)).data["value"]).toBe("plain-MASKED");
  expect((await projectVariableGet(ada, { ...project, key: "MASKED" })).data.value).toBe("plain-MASKED");
});

test("a field that holds a credential is hidden whatever it looks like, and the SDK's full view is untouched", async () => {
  const { as } = await stage();
  const ada = await as("ada");
  const input = { group_id: "acme" };
  const { data: full } = await groupGet(ada, input);
  expect(full.runners_token).toMatch(/token$/);
  const fields = ["+runners_token"];
  const compact = await groupGet(ada, input, { fields });
  expect(compact.data["runners_token"]).toBe("[secret hidden: runners token]");
  const shown = await groupGet(ada, input, { fields, policy: { secrets: "show" } });
  expect(shown.data["runners_token"]).toBe(full.runners_token);
  const masked = await groupGet(ada, input, { policy: { secrets: "mask" } });
  expect(masked.data.runners_token).toBe("[secret hidden: runners token]");
});

test("a mask is not written back", async () => {
  const { as, requests } = await stage();
  const ada = await as("ada");
  const { data } = await fileGet(ada, { project_id, file_path: "README.md", ref: "main" });
  expect(data).toBeDefined();
  requests();
  const text = maskText(`token: ${secrets[0] ?? ""}`);
  const input = { project_id, file_path: "README.md", branch: "main", content: text, commit_message: "x" };
  expect(await refusal(fileUpdate(ada, input))).toMatchObject({
    code: "invalid_input",
    details: { fields: [{ field: "content" }] },
  });
  expect((await refusal(issueNoteCreate(ada, { project_id, issue_iid: 1, body: text }))).code).toBe("invalid_input");
  expect(requests()).toEqual([]);
});

test("a long text takes no longer for what it looks like", () => {
  const text = "-----BEGIN PRIVATE KEY-----\n".repeat(20_000) + "eyJaaaaaaaaaaaa.".repeat(20_000);
  expect(maskText(text)).toContain("[secret hidden: private key]");
});

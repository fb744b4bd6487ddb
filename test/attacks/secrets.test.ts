import type { CallOptions } from "gitlab-agent-tools";
import {
  branchCreate,
  compareRefs,
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
  issueNotesList,
  issuesList,
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

test("secrets are hidden from models, and the SDK's full view is untouched", async () => {
  const { as } = await stage();
  const ada = await as("ada");
  for (const secret of secrets) {
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
  }
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

const b = (length: number): string => "aB3xY7qZ".repeat(20).slice(0, length);
const pem = (type: string): string => `-----BEGIN ${type}-----\n${b(64)}\n${b(30)}==\n-----END ${type}-----`;

/** What is hidden, and what of it stays. In parts, as above. */
const shapes: readonly (readonly [secret: string, stays?: string])[] = [
  ...["pat", "oas", "dt", "rt", "rtr", "cbt", "ptt", "ft", "imt", "agent", "wt", "soat", "ffct"].map(
    (part): [string] => [`gl${part}-${b(20)}`],
  ),
  [`gl${"pat"}-${b(27)}.01.0${b(8)}`],
  [`GR${"1348941"}${b(20)}`],
  [`_gitlab_${"session"}=${"0123456789abcdef".repeat(2)}`, "_gitlab_session="],
  [`https://gitlab.example/a.atom?feed_${"token"}=${b(20)}`, "https://gitlab.example/a.atom?feed_token="],
  [`PRIVATE-${"TOKEN"}: ${b(20)}`, "PRIVATE-TOKEN: "],
  [`Authorization: ${"Bearer"} ${b(30)}`, "Authorization: Bearer "],
  [`postgres://app:${"hunter2"}@db.example:5432/app`, "postgres://app:[]@db.example:5432/app"],
  [`https://oauth2:${b(20)}@gitlab.example/a.git`, "https://oauth2:[]@gitlab.example/a.git"],
  [`redis://:${"hunter2"}@cache:6379`, "redis://:[]@cache:6379"],
  [`AS${"IA"}ABCDEFGHIJKLMN23`],
  [`AWS_SECRET_${"ACCESS_KEY"}=${b(40)}`, "AWS_SECRET_ACCESS_KEY="],
  [`Account${"Key"}=${b(86)}==`, "AccountKey="],
  [`aBc8${"Q~"}${b(34)}`],
  [`AI${"za"}${b(35)}`],
  [`GOC${"SPX"}-${b(28)}`],
  [`github_${"pat"}_${b(82)}`],
  [`xap${"p"}-1-${b(30)}`],
  [`https://hooks.slack.com/${"services"}/T0000/B0000/${b(24)}`, "https://hooks.slack.com/services/"],
  [`sk_${"live"}_${b(24)}`],
  [`ga${"t"}_0123456789abcdef_${b(43)}`],
  [`npm${"_"}${b(36)}`],
  [`pypi-${"AgE"}${b(60)}`],
  [`sk-${"ant"}-api03-${b(40)}`],
  [`sk-${"proj"}-${b(60)}`],
  [`hf${"_"}${b(34)}`],
  [`SG${"."}${b(22)}.${b(43)}`],
  [`dop${"_v1_"}${"0123456789abcdef".repeat(4)}`],
  [`hvs${"."}${b(30)}`],
  ...["RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK"].map(
    (type): [string] => [pem(type)],
  ),
];

test.each(shapes)("the shape of %s is known", (secret, stays = "") => {
  const shown = maskText(`before "${secret}" after`);
  const [kept = "", rest = ""] = stays.split("[]");
  expect(shown.replace(/\[secret hidden: [a-z ]+\]/, "[]")).toBe(`before "${kept}[]${rest}" after`);
});

test("what only looks like a secret is left", () => {
  for (const text of [
    "https://gitlab.example/acme/app?private_token=$TOKEN and PRIVATE-TOKEN: <your_access_token>",
    "postgres://user:password@localhost/app, https://$USER:$PASS@host, https://u:${CI_JOB_TOKEN}@host",
    "Authorization: Bearer your_access_token_goes_here",
    "mail ada@acme.example about http://host:8080/@ada, task-ski-mask-based-on-something-that-is-long-enough",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "glpat-short, sk-learn, npm_config_cache, AKIA, eyJ",
  ])
    expect(maskText(text)).toBe(text);
});

test("a key is hidden in a diff that takes it away, and where its beginning is out of sight", () => {
  const lines = pem("RSA PRIVATE KEY").split("\n");
  for (const sign of ["-", "+", " "]) {
    const diff = lines.map((line) => sign + line).join("\n");
    expect(maskText(`@@ -1,4 +1,4 @@\n${diff}\n-rest`)).not.toContain(b(30));
  }
  for (const prefix of ["", "+", "-", "12-"]) {
    const rest = lines.slice(1).map((line) => prefix + line);
    const shown = maskText(["before it", ...rest, "after"].join("\n"));
    expect(shown).not.toContain(b(30));
    expect(shown).toMatch(/^before it\n\[secret hidden: private key\]\nafter$/);
  }
});

test("a secret is hidden in files, diffs and notes, alone and in lists, and no input with its mask is sent", async () => {
  const { as, requests } = await stage();
  const ada = await as("ada");
  const secret = `gl${"pat"}-${b(20)}`;
  const at = { project_id, file_path: "README.md" };
  await branchCreate(ada, { project_id, branch: "leak", ref: "main" });
  await fileUpdate(ada, { ...at, branch: "leak", content: `token: ${secret}\n`, commit_message: "x" });
  await issueNoteCreate(ada, { project_id, issue_iid: 1, body: `it is ${secret}` });
  const view = { view: "compact" } as const;
  for (const { data } of [
    await fileGet(ada, { ...at, ref: "leak" }, view),
    await compareRefs(ada, { project_id, from: "main", to: "leak" }, view),
    await issueNotesList(ada, { project_id, issue_iid: 1 }, view),
  ]) {
    expect(JSON.stringify(data)).not.toContain(secret);
    expect(JSON.stringify(data)).toContain("[secret hidden: gitlab token]");
  }
  requests();
  const search = "[Secret hidden: GitLab token]";
  expect(await refusal(issuesList(ada, { project_id, search }))).toMatchObject({
    code: "invalid_input",
    details: { fields: [{ field: "search" }] },
  });
  const raw = { method: "POST", path: "/projects/1/issues", body: { title: "x", description: search } } as const;
  expect((await refusal(ada.request(raw))).code).toBe("invalid_input");
  expect(requests()).toEqual([]);
});

test("a long text takes no longer for what it looks like", () => {
  const text = "-----BEGIN PRIVATE KEY-----\n".repeat(20_000) + "eyJaaaaaaaaaaaa.".repeat(20_000);
  expect(maskText(text)).toContain("[secret hidden: private key]");
});

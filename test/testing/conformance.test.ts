import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGitLabEmulator, type GitLabEmulator } from "../../src/testing/index.js";
import { absentFields, documented, operationsWithoutSteps, problemsOf } from "./conformance.js";
import { operationsBeyond } from "./every-operation-beyond.js";
import { everyOperation, type Step } from "./every-operation.js";
import { object } from "./work-client.js";

describe.each([
  ["a self-managed instance", { pathPrefix: "/gitlab" }],
  ["a free self-managed instance", { plan: "free" }],
] as const)("on %s", (_name, options) => {
  let gitlab: GitLabEmulator;
  const tokens = new Map<string, string>();
  const kept = new Map<string, unknown>();

  beforeAll(async () => {
    gitlab = await createGitLabEmulator(options);
    gitlab.users.create({ username: "leaver" });
    for (const username of ["ada", "ben", "root", "leaver"])
      tokens.set(username, gitlab.tokens.create({ username, scopes: ["api"] }));
  });
  afterAll(() => gitlab.close());

  test("every operation is answered, and answers what the document says", { timeout: 120_000 }, async () => {
    const paid = "plan" in options;
    const problems: string[] = [];
    for (const step of paid ? everyOperation : [...everyOperation, ...operationsBeyond]) {
      if (paid && /\/approv/.test(step.path)) continue;
      problems.push(...(await carryOut(step)));
    }
    expect(problems).toEqual([]);
    if (paid) return;
    const met = new Set(gitlab.requests.map(({ operationId }) => operationId));
    const others = new Set(
      operationsWithoutSteps()
        .filter(({ served }) => served === "generated" || served === "not-declared")
        .map(({ operationId }) => operationId),
    );
    expect(documented.filter((id) => !met.has(id) && !others.has(id))).toEqual([]);
  });

  async function carryOut(step: Step): Promise<string[]> {
    const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_match, name: string) => String(kept.get(name)));
    const body = step.body === undefined ? undefined : fill(JSON.stringify(step.body));
    const form = new FormData();
    if (step.file !== undefined) form.append("file", new Blob([step.file]), "note.txt");
    const response = await fetch(`${gitlab.baseUrl}/api/v4${fill(step.path)}`, {
      method: step.method,
      headers: {
        authorization: `Bearer ${tokens.get(step.as ?? "ada") ?? ""}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: step.file === undefined ? body : form,
    });
    const contentType = response.headers.get("content-type") ?? "";
    const text = await response.text();
    const answer: unknown = contentType.includes("json") ? JSON.parse(text) : text;
    if (response.status !== step.status) return [`${step.method} ${step.path}: ${String(response.status)} ${text}`];
    const entries: unknown[] = Array.isArray(answer) ? answer : [answer];
    const chosen = entries
      .map((entry) => (typeof entry === "object" ? object(entry) : {}))
      .find((entry) => step.having === undefined || step.having in entry);
    for (const [name, way] of Object.entries(step.keep ?? {})) kept.set(name, at(chosen, way));
    const { operationId = "", requestId } = gitlab.requests.at(-1) ?? {};
    // Files are in the object storage, which a redirect leads to.
    if (!response.redirected) expect(response.headers.get("x-request-id")).toBe(requestId);
    const details = { operationId, status: response.status, contentType, body: answer };
    const absent = "plan" in options ? [] : absentFields(details);
    return [...problemsOf(details), ...unexplained(operationId, absent)];
  }
});

/** What is at `notes.0.id`. */
const at = (value: unknown, way: string): unknown =>
  way
    .split(".")
    .reduce<unknown>(
      (inner, key) =>
        typeof inner === "object" && inner !== null ? Object.entries(inner).find(([k]) => k === key)?.[1] : undefined,
      value,
    );

/** Fields that GitLab sends to administrators only, when asked for, or where they apply. */
const conditional = new Set([
  "allow_collaboration",
  "allow_maintainer_to_push",
  "artifacts_file",
  "avatar_path",
  "bio_html",
  "cicd_catalog_enabled",
  "ci_minutes_usage",
  "content",
  "line_code",
  "custom_attributes",
  "description_html",
  "diverged_commits_count",
  "email",
  "end_date",
  "failure_reason",
  "forked_from_project",
  "granular_scopes",
  "group",
  "group_id",
  "is_admin",
  "is_using_seat",
  "jobs",
  "last_commit",
  "license",
  "license_url",
  "max_seats_used",
  "max_seats_used_changed_at",
  "mirror_overwrites_diverged_branches",
  "mirror_trigger_builds",
  "mirror_user_id",
  "namespace_id",
  "note",
  "only_mirror_protected_branches",
  "override",
  "owner",
  "permissions",
  "position",
  "push_data",
  "rebase_in_progress",
  "resolved",
  "resolved_at",
  "resolved_by",
  "root_storage_statistics",
  "seats_in_use",
  "statistics",
  "stats",
  "subscribed",
  "suggestions",
  "title_html",
  "two_factor_enabled",
  "wiki_page",
]);

const unexplained = (operationId: string, fields: readonly string[]): string[] =>
  fields.filter((field) => !conditional.has(field)).map((field) => `${operationId} lacks ${field}`);

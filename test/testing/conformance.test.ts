import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGitLabEmulator, type GitLabEmulator } from "../../src/testing/index.js";
import { absentFields, documented, operationsWithoutSteps, problemsOf } from "./conformance.js";
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
    for (const username of ["ada", "ben"]) tokens.set(username, gitlab.tokens.create({ username, scopes: ["api"] }));
  });
  afterAll(() => gitlab.close());

  test("every operation is answered, and answers what the document says", async () => {
    const paid = "plan" in options;
    const problems: string[] = [];
    for (const step of everyOperation) {
      if (paid && /\/approv/.test(step.path)) continue;
      problems.push(...(await carryOut(step)));
    }
    expect(problems).toEqual([]);
    const met = new Set(gitlab.requests.map(({ operationId }) => operationId));
    const skipped = paid ? documented.filter((id) => /Approv/.test(id)) : [];
    const others = new Set(operationsWithoutSteps().map(({ operationId }) => operationId));
    expect(documented.filter((id) => !met.has(id) && !skipped.includes(id) && !others.has(id))).toEqual([]);
  });

  async function carryOut(step: Step): Promise<string[]> {
    const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (_match, name: string) => String(kept.get(name)));
    const body = step.body === undefined ? undefined : fill(JSON.stringify(step.body));
    const response = await fetch(`${gitlab.baseUrl}/api/v4${fill(step.path)}`, {
      method: step.method,
      headers: {
        authorization: `Bearer ${tokens.get(step.as ?? "ada") ?? ""}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body,
    });
    const contentType = response.headers.get("content-type") ?? "";
    const text = await response.text();
    const answer: unknown = contentType.includes("json") ? JSON.parse(text) : text;
    if (response.status !== step.status) return [`${step.method} ${step.path}: ${String(response.status)} ${text}`];
    const entries: unknown[] = Array.isArray(answer) ? answer : [answer];
    const chosen = entries
      .map((entry) => (typeof entry === "object" ? object(entry) : {}))
      .find((entry) => step.having === undefined || step.having in entry);
    for (const [name, field] of Object.entries(step.keep ?? {})) kept.set(name, chosen?.[field]);
    const { operationId = "", requestId } = gitlab.requests.at(-1) ?? {};
    expect(response.headers.get("x-request-id")).toBe(requestId);
    const details = { operationId, status: response.status, contentType, body: answer };
    const absent = "plan" in options ? [] : absentFields(details);
    return [...problemsOf(details), ...unexplained(operationId, absent)];
  }
});

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
  "group_id",
  "is_admin",
  "is_using_seat",
  "license",
  "license_url",
  "max_seats_used",
  "max_seats_used_changed_at",
  "mirror_overwrites_diverged_branches",
  "mirror_trigger_builds",
  "mirror_user_id",
  "only_mirror_protected_branches",
  "override",
  "owner",
  "permissions",
  "position",
  "rebase_in_progress",
  "resolved",
  "resolved_at",
  "resolved_by",
  "root_storage_statistics",
  "seats_in_use",
  "statistics",
  "subscribed",
  "suggestions",
  "title_html",
  "two_factor_enabled",
]);

const unexplained = (operationId: string, fields: readonly string[]): string[] =>
  fields.filter((field) => !conditional.has(field)).map((field) => `${operationId} lacks ${field}`);

import { isObject, type Fields } from "../is-object.js";
import type { WebhookKind } from "./bodies.js";

/** Every kind that GitLab sends, `unknown` aside. */
export const webhookKinds = [
  "push",
  "tag_push",
  "issue",
  "work_item",
  "note",
  "merge_request",
  "pipeline",
  "build",
  "deployment",
  "release",
  "milestone",
  "emoji",
  "wiki_page",
  "feature_flag",
  "vulnerability",
  "access_token",
  "deploy_token",
  "member",
  "project",
  "subgroup",
] as const satisfies readonly WebhookKind[];

const known: ReadonlySet<string> = new Set(webhookKinds);

/** `X-Gitlab-Event` to kinds; an issue's header also comes with work items. */
const byHeader: Readonly<Record<string, WebhookKind>> = {
  "Push Hook": "push",
  "Tag Push Hook": "tag_push",
  "Issue Hook": "issue",
  "Confidential Issue Hook": "issue",
  "Note Hook": "note",
  "Confidential Note Hook": "note",
  "Merge Request Hook": "merge_request",
  "Pipeline Hook": "pipeline",
  "Job Hook": "build",
  "Deployment Hook": "deployment",
  "Release Hook": "release",
  "Milestone Hook": "milestone",
  "Emoji Hook": "emoji",
  "Wiki Page Hook": "wiki_page",
  "Feature Flag Hook": "feature_flag",
  "Vulnerability Hook": "vulnerability",
  "Resource Access Token Hook": "access_token",
  "Resource Deploy Token Hook": "deploy_token",
  "Member Hook": "member",
  "Project Hook": "project",
  "Subgroup Hook": "subgroup",
};

/**
 * What a delivery is about: by its payload where that says so and agrees with what the header allows, else by the header.
 * A webhook with a template of its own sends a payload without `object_kind`: that is `unknown`, whatever the header, since
 * handlers rely on the payload's shape.
 */
export function kindOf(header: string | null, body: Fields): WebhookKind {
  const { object_kind: kind, event_name: name } = body;
  if (typeof kind === "string") return isKind(kind) ? kind : "unknown";
  if (typeof name !== "string") return "unknown";
  const named = byHeader[header ?? ""] ?? byEventName(name);
  // Only these three come without object_kind.
  return named === "member" || named === "project" || named === "subgroup" ? named : "unknown";
}

const isKind = (kind: string): kind is WebhookKind => known.has(kind);

function byEventName(name: string): WebhookKind {
  if (/^user_.*_group$/.test(name)) return "member";
  if (name.startsWith("project_")) return "project";
  return name.startsWith("subgroup_") ? "subgroup" : "unknown";
}

/** What happened: an action, or the state that a run has come to. */
export function actionOf(kind: WebhookKind, body: Fields): string | undefined {
  const attributes = isObject(body["object_attributes"]) ? body["object_attributes"] : {};
  const first = (...values: unknown[]): string | undefined =>
    values.find((value): value is string => typeof value === "string" && value !== "");
  switch (kind) {
    case "push":
    case "tag_push":
      if (isZeros(body["before"])) return "created";
      return isZeros(body["after"]) ? "deleted" : "updated";
    case "pipeline":
      return first(attributes["status"]);
    case "build":
      return first(body["build_status"]);
    case "deployment":
      return first(body["status"]);
    case "vulnerability":
      return first(attributes["state"]);
    case "feature_flag":
      return attributes["active"] === true ? "active" : "inactive";
    case "member":
    case "project":
    case "subgroup":
    case "access_token":
    case "deploy_token":
      return first(body["event_name"]);
    case "emoji":
      return first(attributes["action"], body["event_type"]);
    default:
      return first(attributes["action"], body["action"]);
  }
}

const isZeros = (sha: unknown): boolean => typeof sha === "string" && /^0+$/.test(sha);

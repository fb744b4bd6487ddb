import { json, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import { wordOf } from "../engine/fill.js";
import { underGroup, underProject, type Under } from "../engine/places.js";
import { findRecord, resourceHandlers, type Resource } from "../engine/resource.js";

const defaults = {
  name: null,
  description: null,
  push_events: true,
  tag_push_events: false,
  merge_requests_events: false,
  repository_update_events: false,
  enable_ssl_verification: true,
  push_events_branch_filter: null,
  branch_filter_strategy: "wildcard",
  custom_webhook_template: null,
  issues_events: false,
  confidential_issues_events: false,
  note_events: false,
  confidential_note_events: false,
  pipeline_events: false,
  wiki_page_events: false,
  deployment_events: false,
  feature_flag_events: false,
  job_events: false,
  releases_events: false,
  milestone_events: false,
  emoji_events: false,
  resource_access_token_events: false,
  resource_deploy_token_events: false,
  vulnerability_events: false,
  duo_flow_callback_enabled: false,
  url_variables: [],
  custom_headers: [],
  organization_id: 1,
  alert_status: "executable",
  disabled_until: null,
};

/** Keys of secret values are told, the values never. */
const keysOnly = (value: unknown): { key: string }[] =>
  (Array.isArray(value) ? value : []).flatMap((entry: Readonly<Record<string, unknown>>) =>
    typeof entry["key"] === "string" ? [{ key: entry["key"] }] : [],
  );

/** Webhooks of a project or a group. What is sent to them is in `hooks/`. */
const webhooks = (kind: "project" | "group", under: Under, level: number): Resource => ({
  name: kind === "project" ? "hooks" : "group_hooks",
  path: `/${kind}s/{id}/hooks`,
  item: "hook_id",
  under,
  roles: { read: level, write: level },
  defaults,
  write: (values) => {
    const url = wordOf(values["url"]);
    const valid = url === undefined || (URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol));
    return valid ? values : refuse(422, { error: "Invalid url given" });
  },
  present: ({ values }) => ({
    url_variables: keysOnly(values["url_variables"]),
    custom_headers: keysOnly(values["custom_headers"]),
    token_present: typeof values["token"] === "string",
    signing_token_present: typeof values["signing_token"] === "string",
    token: undefined,
    signing_token: undefined,
  }),
});

/** Sends a webhook a sample of what there is: https://docs.gitlab.com/api/project_webhooks/#trigger-a-test-project-webhook */
const trial = (resource: Resource) => async (call: Call) => {
  const place = resource.under(call);
  const { id } = findRecord(resource, call, place);
  const { status, error } = await (call.gitlab.testHook?.(id, call.path["trigger"] ?? "", call.user) ?? notFound());
  if (error !== undefined) refuse(422, error);
  return status !== undefined && status >= 200 && status < 300
    ? json({ message: "201 Created" }, 201)
    : refuse(422, "");
};

const ofProjects = webhooks("project", underProject, role.maintainer);
const ofGroups = webhooks("group", underGroup, role.owner);

export const hookResources: Handlers = {
  ...resourceHandlers(ofProjects),
  ...resourceHandlers(ofGroups),
  "POST /projects/{id}/hooks/{hook_id}/test/{trigger}": trial(ofProjects),
  "POST /groups/{id}/hooks/{hook_id}/test/{trigger}": trial(ofGroups),
};

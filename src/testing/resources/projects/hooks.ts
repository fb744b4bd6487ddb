import { findProject, requireRole } from "../../server/access.js";
import { created, empty, json, list, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { role, type HookRecord, type ProjectRecord } from "../../state/records.js";
import { takeSettings } from "../../state/settings.js";

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
} as const;

/** Webhooks of a project. What is sent to them is in `hooks/`. */
export const hookHandlers: Handlers = {
  getApiV4ProjectsIdHooks: (call) => {
    const project = administered(call);
    const hooks = [...call.gitlab.hooks.values()].filter(({ projectId }) => projectId === project.id);
    return list(hooks, hookEntity);
  },

  getApiV4ProjectsIdHooksHookId: (call) => json(hookEntity(findHook(call))),

  postApiV4ProjectsIdHooks: (call) => {
    const project = administered(call);
    const { params, gitlab } = call;
    const hook = createHook(gitlab.nextId("hook"), project.id, checkUrl(params.text("url") ?? ""), gitlab.now());
    change(call, hook);
    gitlab.hooks.set(hook.id, hook);
    return created(hookEntity(hook));
  },

  putApiV4ProjectsIdHooksHookId: (call) => {
    const hook = findHook(call);
    const url = call.params.text("url");
    if (url !== undefined) hook.url = checkUrl(url);
    change(call, hook);
    return json(hookEntity(hook));
  },

  deleteApiV4ProjectsIdHooksHookId: (call) => {
    call.gitlab.hooks.delete(findHook(call).id);
    return empty();
  },
};

export const createHook = (id: number, projectId: number, url: string, createdAt: Date): HookRecord => ({
  id,
  projectId,
  url,
  settings: {},
  token: null,
  createdAt,
});

function change(call: Call, hook: HookRecord): void {
  takeSettings(hook.settings, call.values, defaults);
  if (call.params.given("token")) hook.token = call.params.text("token") ?? null;
  if (call.params.given("signing_token")) hook.signingToken = call.params.text("signing_token") ?? null;
}

function administered(call: Call): ProjectRecord {
  const project = findProject(call);
  requireRole(call, project, role.maintainer);
  return project;
}

function findHook(call: Call): HookRecord {
  const project = administered(call);
  const hook = call.gitlab.hooks.get(Number(call.path["hook_id"]));
  return hook?.projectId === project.id ? hook : notFound();
}

function checkUrl(url: string): string {
  const valid = URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
  return valid ? url : refuse(422, { error: "Invalid url given" });
}

/** Keys of secret values are told, the values never. */
const keysOnly = (value: unknown): { key: string }[] =>
  (Array.isArray(value) ? value : []).flatMap((entry: Readonly<Record<string, unknown>>) =>
    typeof entry["key"] === "string" ? [{ key: entry["key"] }] : [],
  );

function hookEntity(hook: HookRecord): Record<string, unknown> {
  const settings: Record<string, unknown> = { ...defaults, ...hook.settings };
  return {
    id: hook.id,
    url: hook.url,
    created_at: hook.createdAt.toISOString(),
    organization_id: 1,
    alert_status: "executable",
    disabled_until: null,
    ...settings,
    url_variables: keysOnly(settings["url_variables"]),
    custom_headers: keysOnly(settings["custom_headers"]),
    token_present: hook.token !== null,
    signing_token_present: typeof hook.signingToken === "string",
    project_id: hook.projectId,
  };
}

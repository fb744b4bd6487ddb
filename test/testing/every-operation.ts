/** One call of the run through every operation. `{name}` in paths and bodies stands for what an earlier call gave. */
export interface Step {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  /** The content of a file, sent as a form. */
  readonly file?: string;
  /** Keeps fields of the answer (of its first entry, for a list): name → field, or the way to one, `notes.0.id`. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Keeps from the first entry that has this field instead. */
  readonly having?: string;
  /** Who sends it; `ada` unless given. */
  readonly as?: string;
}

const app = "/projects/acme%2Fapp";
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGNvbmZvcm1hbmNlLXRlc3Qta2V5LW5vLTEyMzQ1 test@example.com";

export const get = (path: string, keep?: Step["keep"]): Step => ({ method: "GET", path, status: 200, keep });
export const post = (path: string, body: unknown, status = 201, keep?: Step["keep"]): Step => ({
  method: "POST",
  path,
  body,
  status,
  keep,
});
const change =
  (method: "PUT" | "PATCH") =>
  (path: string, body: unknown, status = 200): Step => ({ method, path, body, status });
export const put = change("PUT");
export const patch = change("PATCH");
export const del = (path: string, status = 204): Step => ({ method: "DELETE", path, status });

/** What agents do every day, in an order in which each step finds what it needs. */
export const everyOperation: readonly Step[] = [
  get("/user", { me: "id" }),
  get("/user/keys"),
  post("/user/keys", { title: "Test", key }),
  get("/users?search=ben", { ben: "id" }),
  get("/users?username=guest", { guest: "id" }),
  get("/users/{ben}"),
  get("/users/{me}/projects"),
  get("/namespaces"),

  get("/groups?search=acme"),
  get("/groups/acme"),
  get("/groups/acme/projects?include_subgroups=true"),
  get("/groups/acme/members"),
  post("/groups", { name: "Lab", path: "lab", visibility: "public" }, 201, { group: "id" }),
  put("/groups/{group}", { description: "For trials" }),
  post("/groups/{group}/members", { user_id: "{ben}", access_level: 30, expires_at: "2030-01-01" }),
  del("/groups/{group}/members/{ben}"),
  post("/projects", { name: "Trial", namespace_id: "{group}", initialize_with_readme: true }, 201, { trial: "id" }),
  put("/projects/{trial}", { description: "Only a trial", topics: ["trial"] }),
  get("/projects?membership=true"),
  get(`${app}?statistics=true&license=true`, { app: "id" }),
  get(`${app}/members`),
  post("/projects/{trial}/members", { user_id: "{ben}", access_level: 30 }),
  get("/projects/{trial}/members"),
  del("/projects/{trial}/members/{ben}"),
  post(`${app}/fork`, { name: "App of my own", path: "my-app" }, 201, { fork: "id" }),
  get(`${app}/forks`),
  post(`${app}/star`, undefined),
  post(`${app}/star`, undefined, 304),
  post(`${app}/unstar`, undefined),

  get(`${app}/repository/branches`),
  post(`${app}/repository/branches`, { branch: "trial/one", ref: "main" }),
  get(`${app}/repository/branches/trial%2Fone`),
  post(`${app}/repository/files/docs%2Ftrial.md`, { branch: "trial/one", commit_message: "Try", content: "One\n" }),
  get(`${app}/repository/files/docs%2Ftrial.md?ref=trial/one`, { commit: "last_commit_id" }),
  put(`${app}/repository/files/docs%2Ftrial.md`, {
    branch: "trial/one",
    commit_message: "Try again",
    content: "Two\n",
    last_commit_id: "{commit}",
  }),
  get(`${app}/repository/tree?recursive=true&with_last_commit=true`),
  get(`${app}/repository/commits?with_stats=true`, { sha: "id" }),
  get(`${app}/repository/commits/{sha}`),
  get(`${app}/repository/commits/{sha}/diff`),
  post(`${app}/repository/commits/{commit}/comments`, {
    note: "Why?",
    path: "docs/trial.md",
    line: 1,
    line_type: "new",
  }),
  get(`${app}/repository/commits/{commit}/comments`),
  get(`${app}/repository/compare?from=main&to=trial/one`),
  get(`${app}/repository/tags`),
  post(`${app}/repository/tags`, { tag_name: "trial-1", ref: "trial/one", message: "For trial" }),
  get(`${app}/repository/tags/trial-1`),
  get(`${app}/releases`),
  post(`${app}/releases`, { tag_name: "trial-1", name: "Trial", description: "Try it", milestones: ["v1.5"] }),
  get(`${app}/releases/trial-1?include_html_description=true`),
  put(`${app}/releases/trial-1`, { description: "Tried" }),
  del(`${app}/releases/trial-1`, 200),
  del(`${app}/repository/tags/trial-1`),

  get(`${app}/labels?with_counts=true`),
  post(`${app}/labels`, { name: "trial", color: "#336699", description: "Trials", priority: 9 }),
  get(`${app}/milestones`),
  post(`${app}/milestones`, { title: "Trial", due_date: "2030-06-01" }, 201, { milestone: "id" }),
  get(`${app}/milestones/{milestone}`),
  put(`${app}/milestones/{milestone}`, { description: "Trials" }),
  post(
    `${app}/issues`,
    { title: "Trial", labels: "trial,bug", assignee_ids: ["{ben}"], milestone_id: "{milestone}" },
    201,
    {
      issue: "iid",
    },
  ),
  get(`${app}/issues?labels=trial`),
  get(`${app}/issues/{issue}`),
  put(`${app}/issues/{issue}`, { description: "- [x] try", due_date: "2030-05-01", weight: 2 }),
  post(`${app}/issues/{issue}/notes`, { body: "A **comment**" }, 201, { note: "id" }),
  post(`${app}/issues/{issue}/notes`, { body: "/close" }, 202),
  get(`${app}/issues/{issue}/notes`),
  put(`${app}/issues/{issue}/notes/{note}`, { body: "Another" }),
  del(`${app}/issues/{issue}/notes/{note}`),
  del(`${app}/issues/{issue}`),

  post(
    `${app}/merge_requests`,
    {
      title: "Trial",
      source_branch: "trial/one",
      target_branch: "main",
      reviewer_ids: ["{ben}"],
      milestone_id: "{milestone}",
    },
    201,
    { mr: "iid" },
  ),
  get(`${app}/merge_requests?state=opened`),
  get(`${app}/merge_requests/{mr}?include_diverged_commits_count=true&include_rebase_in_progress=true`),
  put(`${app}/merge_requests/{mr}`, { description: "Tried" }),
  get(`${app}/merge_requests/{mr}/commits`),
  get(`${app}/merge_requests/{mr}/diffs`),
  get(`${app}/merge_requests/{mr}/approvals`),
  { ...post(`${app}/merge_requests/{mr}/approve`, {}), as: "ben" },
  post(`${app}/merge_requests/{mr}/notes`, { body: "Good" }),
  get(`${app}/merge_requests/{mr}/notes`),
  post(`${app}/pipeline`, { ref: "trial/one", variables: [{ key: "TRIAL", value: "1" }] }, 201, { pipeline: "id" }),
  get(`${app}/pipelines`),
  get(`${app}/pipelines/{pipeline}`),
  get(`${app}/pipelines/{pipeline}/jobs`, { job: "id" }),
  post(`${app}/jobs/{job}/cancel`, {}),
  post(`${app}/pipelines/{pipeline}/cancel`, undefined, 200),
  post(`${app}/pipelines/{pipeline}/retry`, undefined),
  del(`${app}/pipelines/{pipeline}`),
  put(`${app}/merge_requests/{mr}/merge`, { should_remove_source_branch: false }),
  get(`${app}/jobs?scope[]=failed`, { failed: "id" }),
  { ...get(`${app}/jobs?scope[]=success`, { done: "id" }), having: "artifacts_file" },
  get(`${app}/jobs/{failed}`),
  get(`${app}/jobs/{failed}/trace`),
  post(`${app}/jobs/{failed}/retry`, {}),
  get(`${app}/jobs/{done}/artifacts?download_mode=proxy`),

  get(`${app}/variables`),
  post(`${app}/variables`, { key: "TRIAL", value: "tried-and-true", masked: true }),
  get(`${app}/variables/TRIAL`),
  put(`${app}/variables/TRIAL`, { value: "more-than-tried" }),
  del(`${app}/variables/TRIAL`),
  get(`${app}/hooks`),
  post(`${app}/hooks`, { url: "https://example.com/hook", push_events: true, token: "t" }, 201, { hook: "id" }),
  get(`${app}/hooks/{hook}`),
  put(`${app}/hooks/{hook}`, { job_events: true }),
  del(`${app}/hooks/{hook}`),
  get(`${app}/deploy_keys`),
  post(`${app}/deploy_keys`, { title: "Test", key, can_push: true }, 201, { deployKey: "id" }),
  del(`${app}/deploy_keys/{deployKey}`),
  get(`${app}/snippets`),
  post(`${app}/snippets`, { title: "Trial", visibility: "private", file_name: "a.sh", content: "date\n" }, 201, {
    snippet: "id",
  }),
  get(`${app}/snippets/{snippet}`),
  get("/search?scope=projects&search=app"),
  get(`${app}/search?scope=issues&search=page`),

  del(`${app}/repository/files/docs%2Ftrial.md?branch=trial/one&commit_message=Enough`),
  del(`${app}/repository/branches/trial%2Fone`),
  del(`${app}/milestones/{milestone}`),
  del("/projects/{fork}", 202),
  del("/groups/{group}", 202),
];

import { createServer } from "node:http";
const people = (n) => ({
  id: n,
  username: `user${n}`,
  public_email: null,
  name: `User Number ${n}`,
  state: "active",
  locked: false,
  avatar_url: `https://gitlab.example/uploads/-/system/user/avatar/${n}/avatar.png`,
  web_url: `https://gitlab.example/user${n}`,
});
const issues = Array.from({ length: 20 }, (_, i) => ({
  id: 1000 + i,
  iid: i + 1,
  project_id: 1,
  title: `Issue number ${i + 1}`,
  description: "Lorem ipsum dolor sit amet ".repeat(6),
  state: "opened",
  created_at: "2025-01-02T03:04:05.678Z",
  updated_at: "2025-01-03T03:04:05.678Z",
  closed_at: null,
  closed_by: null,
  labels: ["bug", "p1"],
  milestone: {
    id: 1,
    iid: 1,
    project_id: 1,
    title: "v1",
    description: "",
    state: "active",
    due_date: null,
    start_date: null,
    web_url: "https://gitlab.example/m/1",
  },
  assignees: [people(1)],
  author: people(2),
  type: "ISSUE",
  assignee: people(1),
  user_notes_count: 3,
  merge_requests_count: 0,
  upvotes: 0,
  downvotes: 0,
  due_date: null,
  confidential: false,
  discussion_locked: null,
  issue_type: "issue",
  web_url: `https://gitlab.example/acme/app/-/issues/${i + 1}`,
  time_stats: { time_estimate: 0, total_time_spent: 0, human_time_estimate: null, human_total_time_spent: null },
  task_completion_status: { count: 0, completed_count: 0 },
  has_tasks: false,
  _links: {
    self: "https://gitlab.example/api/v4/x",
    notes: "https://gitlab.example/api/v4/x/notes",
    award_emoji: "x",
    project: "y",
  },
  references: { short: "#1", relative: "#1", full: "acme/app#1" },
  severity: "UNKNOWN",
  moved_to_id: null,
}));
const body = Buffer.from(JSON.stringify(issues));
const headers = {
  "content-type": "application/json",
  "content-length": String(body.length),
  "x-request-id": "01HREQ",
  "x-page": "1",
  "x-per-page": "20",
  "x-next-page": "2",
  "x-prev-page": "",
  "x-total": "200",
  "x-total-pages": "10",
  "ratelimit-limit": "2000",
  "ratelimit-name": "throttle_authenticated_api",
  "ratelimit-observed": "1",
  "ratelimit-remaining": "1999",
  "ratelimit-reset": String(Math.floor(Date.now() / 1000) + 3600),
  link: '<https://gitlab.example/api/v4/projects/1/issues?page=2>; rel="next"',
};
const server = createServer((q, r) => {
  q.resume();
  if (/\/(user|self|info)$/.test(q.url.split("?")[0])) {
    r.writeHead(404).end();
    return;
  }
  r.writeHead(200, headers);
  r.end(body);
});
// Who waits for their turn, on a busy machine for long, keeps their connection.
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", function () {
  process.send?.(this.address().port);
});

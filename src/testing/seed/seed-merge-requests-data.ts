/** One merge request of the seeded project. Its branch is made from `main` with these files changed. */
export interface SeedMergeRequest {
  readonly title: string;
  readonly branch: string;
  readonly author: string;
  readonly assignees?: readonly string[];
  readonly reviewers?: readonly string[];
  readonly labels?: readonly string[];
  readonly milestone?: string;
  readonly opened: number;
  readonly touched: number;
  readonly outcome?: "merged" | "closed";
  readonly description: string;
  readonly files: Readonly<Record<string, string>>;
  readonly commits?: readonly string[];
  /** Files that change on `main` after the branch was made, so that the two cannot be merged. */
  readonly conflicting?: Readonly<Record<string, string>>;
  readonly approvalsRequired?: number;
  readonly approvedBy?: readonly string[];
  readonly pipeline?: "success" | "failed" | "running";
  readonly squash?: boolean;
  readonly comments?: readonly (readonly [author: string, body: string])[];
  /** A thread that nobody has resolved: it holds up merging. */
  readonly thread?: readonly [author: string, body: string];
}

/** In the order of their iids: !1 is the oldest. */
export const seedMergeRequests: readonly SeedMergeRequest[] = [
  {
    title: "Build and test every branch",
    branch: "ci-pipeline",
    author: "ada",
    reviewers: ["ben"],
    labels: ["tech-debt", "backend"],
    milestone: "v1.4",
    opened: 398,
    touched: 395,
    outcome: "merged",
    description: "Adds a pipeline with three stages. Packaging runs on the default branch only.\n\nCloses #1",
    files: { "docs/ci.md": "# Pipelines\n\nEvery branch is built and tested; `main` is also packaged.\n" },
    approvedBy: ["ben"],
    pipeline: "success",
  },
  {
    title: "Keep the e-mail address after a wrong password",
    branch: "keep-email-on-failed-login",
    author: "ben",
    reviewers: ["ada"],
    labels: ["bug", "frontend"],
    milestone: "v1.4",
    opened: 383,
    touched: 380,
    outcome: "merged",
    description: "The form is filled again from the submitted values, without the password.\n\nCloses #2",
    files: { "src/login.ts": "export const prefill = (email: string): { email: string } => ({ email });\n" },
    approvedBy: ["ada"],
    pipeline: "success",
  },
  {
    title: "Index events by kind",
    branch: "index-events-by-kind",
    author: "ben",
    reviewers: ["ada"],
    labels: ["performance", "backend"],
    milestone: "v1.4",
    opened: 284,
    touched: 281,
    outcome: "merged",
    description:
      "The activity page filters by kind and sorts by date: an index over both brings it to 40 ms.\n\nCloses #7",
    files: {
      "db/migrations/0007_events_by_kind.sql":
        "CREATE INDEX events_by_kind ON events (account_id, kind, created_at DESC);\n",
    },
    approvedBy: ["ada"],
    pipeline: "success",
  },
  {
    title: "Try out a queue in Redis",
    branch: "queue-in-redis",
    author: "ben",
    labels: ["tech-debt"],
    opened: 170,
    touched: 166,
    outcome: "closed",
    description: "An experiment for #23. We decided for PostgreSQL: one thing less to run.",
    files: { "src/queue-redis.ts": "export const queue = 'redis';\n" },
    comments: [["ada", "Let us stay with the database. Thanks for the numbers!"]],
  },
  {
    title: "Draft: Sign in with security keys",
    branch: "security-keys",
    author: "ada",
    assignees: ["ada"],
    labels: ["feature", "security"],
    milestone: "v2.0",
    opened: 44,
    touched: 14,
    description:
      "First part of #14: registration. Signing in follows.\n\n- [x] registration\n- [ ] sign in\n- [ ] recovery codes",
    files: {
      "src/webauthn/register.ts":
        "export const challenge = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));\n",
      "src/webauthn/README.md": "# Security keys\n\nRegistration follows the WebAuthn recommendation.\n",
    },
    commits: ["Create a challenge for registration", "Describe the registration"],
    pipeline: "success",
  },
  {
    title: "Decode invitation addresses once",
    branch: "fix-plus-in-invitations",
    author: "ben",
    assignees: ["ben"],
    reviewers: ["ada"],
    labels: ["bug", "p1", "regression"],
    milestone: "v1.5",
    opened: 3,
    touched: 1,
    description:
      "The router decodes the address already; decoding it again turns a plus sign into a space.\n\nCloses #36",
    files: { "src/invitations.ts": "export const address = (parameter: string): string => parameter.trim();\n" },
    approvedBy: ["ada"],
    pipeline: "success",
    comments: [
      ["ada", "Good catch. Could you add a test with an umlaut as well?"],
      ["ben", "Done."],
    ],
  },
  {
    title: "Refuse tokens of deleted accounts",
    branch: "refuse-tokens-of-deleted-accounts",
    author: "ada",
    assignees: ["ada"],
    reviewers: ["ben"],
    labels: ["bug", "security", "p1"],
    milestone: "v1.5",
    opened: 12,
    touched: 6,
    description: "Deleting an account tells the gateway to forget its tokens.\n\nRelated to #20",
    files: {
      "src/gateway.ts":
        "const cached = new Map<string, number>();\n\nexport const forget = (account: number): void => {\n  for (const [token, owner] of cached) if (owner === account) cached.delete(token);\n};\n",
    },
    approvalsRequired: 1,
    pipeline: "success",
  },
  {
    title: "Describe the set-up in one place",
    branch: "describe-setup",
    author: "ben",
    assignees: ["ben"],
    labels: ["documentation"],
    opened: 35,
    touched: 30,
    description: "The read-me and the wiki disagreed. Now there is one description.",
    files: { "docs/setup.md": "# Set-up\n\n1. Install Node 20.\n2. Run `npm ci`.\n3. Start with `npm start`.\n" },
    conflicting: {
      "docs/setup.md": "# Set-up\n\nOpen the folder in a development container: everything is installed.\n",
    },
    pipeline: "success",
  },
  {
    title: "Retry webhooks with exponential backoff",
    branch: "retry-webhooks",
    author: "ben",
    assignees: ["ben"],
    reviewers: ["ada"],
    labels: ["feature", "backend", "customer"],
    milestone: "v1.5",
    opened: 9,
    touched: 2,
    description: "Five attempts within an hour, with jitter.\n\nCloses #25",
    files: {
      "src/webhooks.ts": "export const delay = (attempt: number): number => Math.min(3_600, 2 ** attempt * 30);\n",
    },
    commits: ["Space out the attempts"],
    pipeline: "failed",
  },
  {
    title: "Print prices from decimals",
    branch: "prices-from-decimals",
    author: "ada",
    assignees: ["ada"],
    reviewers: ["ben"],
    labels: ["bug", "p1", "customer"],
    milestone: "v1.5",
    opened: 7,
    touched: 3,
    description: "Prices stay decimals until they are printed.\n\nCloses #26",
    files: {
      "src/prices.ts": "export const total = (unit: number, count: number): string => (unit * count).toFixed(2);\n",
    },
    pipeline: "success",
    thread: ["ben", "Floating-point numbers will bite us here: should we not use the decimal type?"],
  },
  {
    title: "Keep filters in the address",
    branch: "filters-in-address",
    author: "ben",
    assignees: ["ben"],
    labels: ["bug", "frontend", "p2"],
    milestone: "v1.5",
    opened: 2,
    touched: 0,
    description: "Filters move to the query string, so that going back and sharing a link keep them.\n\nCloses #31",
    files: {
      "src/filters.ts":
        "export const write = (filters: Record<string, string>): string => new URLSearchParams(filters).toString();\n",
    },
    pipeline: "running",
    squash: true,
  },
  {
    title: "Explain how long logs are kept",
    branch: "log-retention",
    author: "ben",
    assignees: ["ada"],
    reviewers: ["ada"],
    labels: ["documentation"],
    opened: 1,
    touched: 1,
    description: "For the auditors. Closes #37",
    files: {
      "docs/logs.md":
        "# Logs\n\nAccess logs are kept for 30 days, audit logs for two years. Both are readable by operations only.\n",
    },
  },
];

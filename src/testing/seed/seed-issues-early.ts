/** One issue of the seeded project, before dates and ids. Days count back from the emulator's start. */
export interface SeedIssue {
  readonly title: string;
  readonly labels: readonly string[];
  readonly author: string;
  readonly assignees?: readonly string[];
  readonly milestone?: string;
  readonly opened: number;
  readonly touched: number;
  readonly closed?: boolean;
  readonly confidential?: boolean;
  readonly due?: number;
  readonly weight?: number;
  readonly type?: "incident" | "task";
  /** What happens, in a sentence or two. The seed wraps it in the project's issue template. */
  readonly text: string;
  readonly comments?: readonly (readonly [author: string, body: string])[];
}

/** The issues of the first half of the seeded project's life: #1 to #20. */
export const earlyIssues: readonly SeedIssue[] = [
  {
    title: "Set up continuous integration",
    labels: ["tech-debt", "backend"],
    author: "ada",
    assignees: ["ada"],
    milestone: "v1.4",
    opened: 410,
    touched: 395,
    closed: true,
    text: "We run the tests by hand before each release. A pipeline should build, test and package every branch.",
    comments: [["ben", "Build and test are in. Packaging follows in a second merge request."]],
  },
  {
    title: "Login form loses the entered e-mail after a wrong password",
    labels: ["bug", "frontend", "p2"],
    author: "guest",
    assignees: ["ben"],
    milestone: "v1.4",
    opened: 395,
    touched: 380,
    closed: true,
    text: "After a failed sign-in the form comes back empty, and people have to type their address again.",
  },
  {
    title: "Document the deployment to Kubernetes",
    labels: ["documentation"],
    author: "ben",
    opened: 380,
    touched: 300,
    closed: true,
    milestone: "v1.4",
    text: "New colleagues ask the same questions each time: which cluster, which secrets, which order.",
  },
  {
    title: "CSV export cuts off after 10,000 rows",
    labels: ["bug", "backend", "p1", "customer"],
    author: "guest",
    assignees: ["ben"],
    opened: 372,
    touched: 210,
    text: "Exports of large accounts end without a warning at 10,000 rows. Customers only notice when totals differ.",
    comments: [
      ["ada", "Reproduced with the demo account. The cursor is closed when the proxy times out."],
      ["guest", "This hits us at the end of every month. Is there a workaround?"],
      ["ben", "Filtering by quarter stays under the limit for now."],
    ],
  },
  {
    title: "Session expires while a form is being filled in",
    labels: ["bug", "p2", "backend"],
    author: "guest",
    assignees: ["ada"],
    opened: 360,
    touched: 190,
    text: "The session ends after 30 minutes, also when the person is typing. What they wrote is gone.",
  },
  {
    title: "Dark mode",
    labels: ["feature", "frontend"],
    author: "guest",
    opened: 351,
    touched: 340,
    text: "Follow the setting of the operating system, with a switch in the profile.",
  },
  {
    title: "Slow query on the activity page",
    labels: ["performance", "backend", "p2"],
    author: "ben",
    assignees: ["ben"],
    milestone: "v1.4",
    opened: 340,
    touched: 281,
    closed: true,
    text: "The page takes four seconds for accounts with more than 50,000 events. The index does not cover the filter by kind.",
  },
  {
    title: "Uploading a file with an umlaut in its name fails",
    labels: ["bug", "p1", "regression"],
    author: "guest",
    assignees: ["ada"],
    opened: 322,
    touched: 150,
    text: "Files such as `Übersicht.pdf` answer with a 500. ASCII names work. It worked in v1.3.",
    comments: [["ada", "The header is encoded as Latin-1 since the HTTP library was updated."]],
  },
  {
    title: "Rate limit of the public API is not documented",
    labels: ["documentation", "customer"],
    author: "guest",
    opened: 310,
    touched: 305,
    text: "Integrators run into 429 without knowing how many requests they have. The headers should be described as well.",
  },
  {
    title: "Notification mails arrive twice",
    labels: ["bug", "p2", "backend"],
    author: "ben",
    assignees: ["ben"],
    opened: 300,
    touched: 135,
    text: "The worker acknowledges the message after sending. When it is restarted in between, the mail is sent again.",
  },
  {
    title: "Accessibility: menu cannot be opened with the keyboard",
    labels: ["bug", "frontend", "good first issue"],
    author: "guest",
    opened: 290,
    touched: 121,
    text: "The main menu reacts to hovering only. There is no focus order and no visible focus.",
  },
  {
    title: "Replace the deprecated date library",
    labels: ["tech-debt", "frontend", "good first issue"],
    author: "ada",
    opened: 281,
    touched: 260,
    closed: true,
    milestone: "v1.4",
    text: "The library is in maintenance mode and makes up a third of the bundle. The platform has what we need.",
  },
  {
    title: "Importer accepts negative quantities",
    labels: ["bug", "p3", "backend"],
    author: "ada",
    opened: 270,
    touched: 118,
    text: "The importer checks the type but not the range. Negative quantities then break the totals.",
  },
  {
    title: "Two-factor authentication with security keys",
    labels: ["feature", "security"],
    author: "ada",
    milestone: "v2.0",
    opened: 262,
    touched: 44,
    weight: 8,
    text: "One-time codes are supported. Security keys are asked for by two customers and by our own auditors.",
  },
  {
    title: "Search ignores words of two letters",
    labels: ["bug", "p2", "customer"],
    author: "guest",
    assignees: ["ben"],
    opened: 251,
    touched: 101,
    text: "Article codes such as `A1` cannot be found. The index drops terms of less than three characters.",
  },
  {
    title: "Memory of the report worker grows until it is restarted",
    labels: ["bug", "p1", "performance", "backend"],
    author: "ben",
    assignees: ["ben"],
    milestone: "v1.5",
    opened: 240,
    touched: 96,
    weight: 5,
    text: "The worker starts with 180 MB and reaches 2 GB within a day. Heap snapshots show rows of finished reports.",
    comments: [
      ["ada", "Could it be the cache of parsed templates? It has no limit."],
      ["ben", "Half of it. The rest are listeners that are never removed."],
    ],
  },
  {
    title: "Time zone of the weekly report is always UTC",
    labels: ["bug", "p2"],
    author: "guest",
    opened: 232,
    touched: 94,
    text: "Reports cut the week at midnight UTC. For our colleagues in Sydney half of Monday is missing.",
  },
  {
    title: "Allow several billing addresses",
    labels: ["feature", "customer"],
    author: "guest",
    milestone: "v2.0",
    opened: 220,
    touched: 60,
    text: "Companies with branches need an address for each cost centre.",
  },
  {
    title: "Flaky test: checkout waits for a spinner",
    labels: ["tech-debt", "frontend"],
    author: "ben",
    assignees: ["ben"],
    opened: 210,
    touched: 180,
    closed: true,
    text: "The test fails one time in twenty. It should wait for the order number instead.",
  },
  {
    title: "Deleting an account leaves its API tokens working",
    labels: ["bug", "security", "p1"],
    author: "ada",
    assignees: ["ada"],
    milestone: "v1.5",
    opened: 201,
    touched: 12,
    confidential: true,
    due: 9,
    text: "Tokens of deleted accounts are refused by the web application, but not by the API gateway, which caches them.",
    comments: [["ada", "The cache has to be told. Until then its lifetime is five minutes."]],
  },
];

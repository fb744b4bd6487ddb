import { earlyIssues } from "./seed-issues-early.js";

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

/** In the order of their iids: #1 is the oldest. */
export const seedIssues: readonly SeedIssue[] = [
  ...earlyIssues,
  {
    title: "Show the build number in the footer",
    labels: ["feature", "good first issue"],
    author: "ben",
    opened: 190,
    touched: 170,
    closed: true,
    text: "Support asks for it in every second ticket.",
  },
  {
    title: "Pagination skips a row when one is deleted meanwhile",
    labels: ["bug", "backend", "p3"],
    author: "guest",
    opened: 180,
    touched: 93,
    text: "Offset pagination and concurrent deletes do not mix. Keyset pagination would not have the problem.",
  },
  {
    title: "Migrate background jobs to the new queue",
    labels: ["tech-debt", "backend"],
    author: "ada",
    assignees: ["ada", "ben"],
    milestone: "v1.5",
    opened: 165,
    touched: 8,
    weight: 13,
    due: 12,
    text: "The old queue is not maintained any more. Jobs move over in three steps:\n\n- [x] mails\n- [x] imports\n- [ ] reports\n- [ ] clean-up of the old tables",
  },
  {
    title: "Avatar upload rejects WebP",
    labels: ["bug", "frontend", "p3"],
    author: "guest",
    opened: 152,
    touched: 92,
    text: "The dialogue offers WebP, the server answers that the type is unknown.",
  },
  {
    title: "Retry webhooks with exponential backoff",
    labels: ["feature", "backend", "customer"],
    author: "ben",
    assignees: ["ben"],
    milestone: "v1.5",
    opened: 140,
    touched: 6,
    weight: 3,
    due: 10,
    text: "A receiver that is down for a minute loses events today. Five attempts within an hour would be enough.",
  },
  {
    title: "Price with three decimals is rounded twice",
    labels: ["bug", "p1", "customer"],
    author: "guest",
    assignees: ["ada"],
    milestone: "v1.5",
    opened: 121,
    touched: 5,
    due: -2,
    text: "A price of 0.125 for 1,000 units is shown as 130.00 instead of 125.00: the unit price is rounded before multiplying.",
    comments: [
      ["ada", "Prices have to stay decimals until they are printed."],
      ["guest", "Three invoices are affected so far. We will send corrections by hand."],
    ],
  },
  {
    title: "Onboarding checklist for new workspaces",
    labels: ["feature", "frontend"],
    author: "ben",
    milestone: "v2.0",
    opened: 110,
    touched: 40,
    text: "Three steps lead to the first report. A checklist would show them.",
  },
  {
    title: "Audit log does not record changes of roles",
    labels: ["bug", "security", "p2"],
    author: "ada",
    assignees: ["ben"],
    opened: 98,
    touched: 91,
    text: "Adding and removing members is recorded, changing their role is not.",
  },
  {
    title: "Outage of the checkout on the first of the month",
    labels: ["bug", "p1", "customer"],
    author: "ada",
    assignees: ["ada"],
    opened: 88,
    touched: 80,
    closed: true,
    type: "incident",
    text: "Checkout answered with 503 for 23 minutes. The pool of database connections was exhausted by the nightly report.",
    comments: [["ben", "The report has a pool of its own now."]],
  },
  {
    title: "Update the container base image",
    labels: ["security", "tech-debt"],
    author: "ben",
    assignees: ["ben"],
    milestone: "v1.5",
    opened: 77,
    touched: 20,
    closed: true,
    text: "The scanner reports 14 findings, all fixed in the current image.",
  },
  {
    title: "Filters are lost when going back",
    labels: ["bug", "frontend", "p2"],
    author: "guest",
    assignees: ["ben"],
    milestone: "v1.5",
    opened: 66,
    touched: 31,
    text: "Filters belong into the address, so that going back and sharing a link keep them.",
  },
  {
    title: "Translate the invoice into French",
    labels: ["feature", "good first issue"],
    author: "guest",
    milestone: "v2.0",
    opened: 58,
    touched: 33,
    text: "Texts are ready. The template needs to take the language of the customer instead of ours.",
  },
  {
    title: "Load test before the release of v1.5",
    labels: ["performance"],
    author: "ada",
    assignees: ["ada"],
    milestone: "v1.5",
    opened: 47,
    touched: 4,
    type: "task",
    due: 5,
    text: "Twice the traffic of the busiest day of last year, for an hour.",
  },
  {
    title: "Health check answers 200 while migrations run",
    labels: ["bug", "backend", "p2"],
    author: "ben",
    opened: 39,
    touched: 15,
    text: "The load balancer sends requests to a node that cannot answer them yet.",
  },
  {
    title: "Keyboard shortcut for a new entry",
    labels: ["feature", "frontend"],
    author: "guest",
    opened: 32,
    touched: 32,
    text: "`n` anywhere on the page should open the dialogue.",
  },
  {
    title: "Cannot invite people with a plus sign in their address",
    labels: ["bug", "p1", "regression"],
    author: "guest",
    assignees: ["ben"],
    milestone: "v1.5",
    opened: 21,
    touched: 2,
    due: 3,
    text: "`mia+test@example.com` becomes `mia test@example.com`. It worked until the last release.",
    comments: [["ben", "The address is decoded twice. A fix is on its way."]],
  },
  {
    title: "Explain the retention of logs",
    labels: ["documentation"],
    author: "ada",
    assignees: ["ben"],
    opened: 16,
    touched: 16,
    text: "Auditors want it in writing: which logs, how long, who may read them.",
  },
  {
    title: "Deprecate version 1 of the API",
    labels: ["backend", "customer"],
    author: "ada",
    milestone: "v2.0",
    opened: 12,
    touched: 3,
    text: "Four customers still use it. They need half a year and a guide.",
  },
  {
    title: "Tooltip covers the button that it explains",
    labels: ["bug", "frontend", "p3", "good first issue"],
    author: "guest",
    opened: 6,
    touched: 6,
    text: "On narrow screens the tooltip opens above the button and swallows the click.",
  },
  {
    title: "Deployment to staging fails since yesterday",
    labels: ["bug", "p1"],
    author: "ben",
    assignees: ["ada"],
    opened: 1,
    touched: 0,
    text: "The job ends with `permission denied` while pushing the image. Nobody changed the credentials as far as I know.",
    comments: [["ada", "The token of the registry has expired. I am looking into it."]],
  },
];

/** Name, colour, description and priority of the seeded project's labels. */
export const seedLabels: readonly (readonly [
  name: string,
  color: string,
  description: string | null,
  priority: number | null,
])[] = [
  ["p1", "#d9534f", "Customers cannot work. Fix before anything else", 1],
  ["p2", "#f0ad4e", "Annoying, with a workaround", 2],
  ["p3", "#5bc0de", "When there is time", 3],
  ["bug", "#dc143c", "Something does not work as described", null],
  ["feature", "#428bca", "Something new", null],
  ["documentation", "#8fbc8f", "Texts for users and colleagues", null],
  ["security", "#330066", "Handled by the security champions", null],
  ["performance", "#9400d3", "Too slow, or needs too much memory", null],
  ["regression", "#c21e56", "Worked in an earlier release", null],
  ["customer", "#36454f", "Asked for by a customer", null],
  ["tech-debt", "#808080", null, null],
  ["backend", "#3cb371", null, null],
  ["frontend", "#e6b800", null, null],
  ["good first issue", "#00b140", "A good start for new colleagues", null],
];

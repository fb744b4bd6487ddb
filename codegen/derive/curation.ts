import type { Derived } from "./origin.js";

interface Curatable {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
}

const most = 12;

/** Filters and texts that people ask with, the most asked for first. */
const usuallyShown = [
  ...[
    "title",
    "name",
    "description",
    "body",
    "note",
    "content",
    "message",
    "url",
    "color",
    "key",
    "value",
    "ref",
    "branch",
  ],
  ...["search", "query", "state", "status", "scope", "labels", "milestone", "author_username", "assignee_username"],
  ...["username", "email", "path", "visibility", "access_level", "due_date", "start_date", "expires_at"],
  ...["created_after", "created_before", "updated_after", "updated_before", "order_by", "sort", "page", "per_page"],
];

/** The parameters shown to models: what is required, and what people filter and write with; at most 12. */
export function curatedOf(parameters: readonly Curatable[]): Derived<string[]> {
  const required = parameters.filter((one) => one.required || one.in === "path").map(({ name }) => name);
  const offered = new Set(parameters.map(({ name }) => name));
  const asked = usuallyShown.filter((name) => offered.has(name) && !required.includes(name));
  const paging = asked.filter((name) => ["page", "per_page"].includes(name));
  const others = asked.filter((name) => !paging.includes(name));
  const rest = parameters.map(({ name }) => name).filter((name) => !required.includes(name) && !asked.includes(name));
  const room = Math.max(0, most - required.length - paging.length);
  const chosen = [
    ...required,
    ...[...others, ...rest].slice(0, room),
    ...paging.slice(0, Math.max(0, most - required.length)),
  ];
  return { value: chosen, rule: "what is required, filters, and texts" };
}

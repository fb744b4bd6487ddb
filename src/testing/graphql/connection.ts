import { GraphQLError } from "graphql";

/** The arguments that every list has. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

/** A page of a list as GitLab shows it: 100 nodes at most. https://docs.gitlab.com/api/graphql/#limits */
export function connection<Item>(
  items: readonly Item[],
  { first, after }: PageArguments,
  present: (item: Item) => unknown,
): Record<string, unknown> {
  const start = after === null || after === undefined || after === "" ? 0 : placeOf(after);
  const end = Math.min(start + Math.min(Math.max(first ?? 100, 0), 100), items.length);
  return {
    count: ({ limit }: { readonly limit?: number | null }) =>
      limit === null || limit === undefined ? items.length : Math.min(items.length, limit + 1),
    nodes: () => items.slice(start, end).map(present),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: end > start ? cursor(start + 1) : null,
      endCursor: end > start ? cursor(end) : null,
    },
  };
}

const cursor = (place: number): string => Buffer.from(String(place)).toString("base64url");

function placeOf(after: string): number {
  const place = Buffer.from(after, "base64url").toString();
  if (!/^\d+$/.test(place)) throw new GraphQLError("Please provide a valid cursor");
  return Number(place);
}

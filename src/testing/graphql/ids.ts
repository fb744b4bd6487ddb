import { GraphQLError } from "graphql";

/** `gid://gitlab/WorkItem/7`. */
export const gid = (type: string, id: number | string): string => `gid://gitlab/${type}/${String(id)}`;

/**
 * The number in a global id of one of the classes.
 *
 * @throws GraphQLError in GitLab's words for anything else
 */
export function idOf(value: unknown, ...types: readonly string[]): number {
  return Number(keyOf(value, ...types));
}

/** The last part of a global id, which is a hash in those of discussions. */
export function keyOf(value: unknown, ...types: readonly string[]): string {
  const text = typeof value === "string" ? value : "";
  const match = /^gid:\/\/gitlab\/([\w:]+)\/(\w+)$/.exec(text);
  if (match === null) throw new GraphQLError(`"${text}" is not a valid GitLab ID.`);
  const [, type = "", key = ""] = match;
  if (!types.includes(type)) throw new GraphQLError(`"${text}" is not a valid ID for ${types[0] ?? ""}.`);
  return key;
}

/** What GitLab says of what is missing as of what is forbidden, wherever something is to be changed. */
export function unavailable(): never {
  throw new GraphQLError(
    "The resource that you are attempting to access does not exist or you don't have permission to perform this action",
  );
}

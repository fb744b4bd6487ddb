import { lookUp } from "./lookup.js";

/** The least OAuth scopes that suffice for all of the named tools. */
export async function leastScopes(toolNames: readonly string[]): Promise<string[]> {
  const accepted = await Promise.all(toolNames.map(async (name) => (await lookUp(name)).scopes));
  const least = ["read_user", "read_api", "api"].find((scope) => accepted.every((scopes) => scopes.includes(scope)));
  return [least ?? "api"];
}

import type { OperationPlace } from "../parameter.js";
import type { Access } from "./access.js";
import type { Derived } from "./origin.js";

type Tier = "premium" | "ultimate";

/** The plan that the document says the operation needs, where it says so. */
export function tierOf({ operation }: OperationPlace): Derived<Tier | undefined> {
  const said = JSON.stringify(operation["x-gitlab-tier"] ?? "").toLowerCase();
  const value = said.includes("ultimate") ? "ultimate" : said.includes("premium") ? "premium" : undefined;
  return { value: /free/.test(said) ? undefined : value, rule: "x-gitlab-tier" };
}

/** OAuth scopes: https://docs.gitlab.com/integration/oauth_provider/#view-all-authorized-applications */
export function scopesOf(access: Access): Derived<readonly string[]> {
  return access === "read"
    ? { value: ["read_api", "api"], rule: "reads need read_api" }
    : { value: ["api"], rule: "changes need api" };
}

/** Repeating PUT and DELETE leaves things as one call would (RFC 9110, section 9.2.2). */
export function idempotentOf({ method }: Pick<OperationPlace, "method">): Derived<boolean> {
  return { value: method !== "post" && method !== "patch", rule: "by method" };
}

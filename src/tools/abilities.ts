import type { ConnectedAccount } from "../accounts/types.js";
import { instanceFacts, type InstanceFacts } from "./instance.js";
import type { Runtime } from "./runtime.js";

/** From the least to the most. */
export const tiers = ["free", "premium", "ultimate"] as const;
export type Tier = (typeof tiers)[number];

/** What an account and its instance can do, as far as it is known. */
export interface Abilities {
  /** The account's OAuth scopes, as in `ConnectedAccount.scopes`: tools that need others are left out. */
  readonly scopes?: readonly string[];
  /** The instance's or group's plan: tools that need a higher one are left out. */
  readonly tier?: Tier;
  /** The instance's version, as its `GET /metadata` says (`18.3.1-ee`): tools that came later are left out. */
  readonly version?: string;
}

/**
 * @param ask reads the instance's `/metadata` within a time; where that fails, or no lookups are wanted, nothing is
 *   known of the instance
 */
export async function abilitiesOf(
  runtime: Pick<Runtime, "projects" | "clock" | "lookups">,
  { baseUrl, scopes }: Pick<ConnectedAccount, "baseUrl" | "scopes">,
  ask: (options: { readonly timeoutMs: number }) => Promise<{ readonly data: unknown }>,
): Promise<Abilities> {
  const { enabled, timeoutMs } = runtime.lookups;
  const read = async () => ({ status: 200, body: (await ask({ timeoutMs })).data });
  const facts = enabled ? instanceFacts(runtime, baseUrl, read) : Promise.resolve<InstanceFacts>({});
  const { version, enterprise } = await facts.catch((): InstanceFacts => ({}));
  return {
    ...(scopes.length > 0 && { scopes }),
    ...(version !== undefined && { version }),
    // What costs is in the Enterprise Edition alone; which plan that has is not said.
    ...(enterprise === false && { tier: "free" }),
  };
}

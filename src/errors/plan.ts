import type { Evidence } from "./refused-call.js";

/** GitLab.com's plans (trials and programmes included) and the tier whose features they have. */
const tiers: Readonly<Record<string, number>> = {
  free: 0,
  bronze: 0,
  silver: 1,
  premium: 1,
  premium_trial: 1,
  gold: 2,
  ultimate: 2,
  ultimate_trial: 2,
  ultimate_trial_paid_customer: 2,
  opensource: 2,
};

/** Whether the plan has a tier's features; `undefined` where it cannot be told. */
export function planHas(tier: "premium" | "ultimate", { plan, enterprise }: Evidence): boolean | undefined {
  if (enterprise === false) return false;
  // A self-managed instance calls every namespace's plan `default`: that says nothing.
  const has = plan === undefined ? undefined : tiers[plan.toLowerCase()];
  return has === undefined ? undefined : has >= (tier === "ultimate" ? 2 : 1);
}

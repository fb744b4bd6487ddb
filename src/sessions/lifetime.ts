import { GitLabToolError } from "../errors/gitlab-tool-error.js";

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The longest that a session may live, in seconds: so long a single revocation is remembered. */
export const longestLifetime = 30 * 86_400;

/**
 * Seconds from a number of seconds or a number with a unit.
 *
 * @param longest the most, in seconds
 */
export function lifetimeSeconds(lifetime: number | string, longest = longestLifetime, name = "expiresIn"): number {
  const [, amount, unit = "s"] = /^(\d+)\s*([smhd])?$/.exec(String(lifetime).trim()) ?? [];
  const seconds = Number(amount) * (units[unit] ?? Number.NaN);
  if (seconds > 0 && seconds <= longest) return seconds;
  throw new GitLabToolError({
    code: "invalid_input",
    message: `${name} must be a whole number of seconds or a number with a unit, up to ${longest / 86_400} days.`,
    hint: 'Give for example 3600, "30m", "8h" or "7d".',
    details: { field: name },
  });
}

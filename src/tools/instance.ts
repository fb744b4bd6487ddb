import type { Evidence } from "../errors/refused-call.js";
import { isObject } from "../is-object.js";
import type { Runtime } from "./runtime.js";

/** What an instance says about itself. */
export type InstanceFacts = Pick<Evidence, "version" | "enterprise">;

/** For a while and for each client: an instance says something else when it is upgraded. */
const kept = new WeakMap<object, Map<string, { readonly until: number; readonly facts: InstanceFacts }>>();
const keptMs = 600_000;

/**
 * An instance's version and edition, asked for once in ten minutes.
 *
 * @param ask reads `/api/v4/metadata` (https://docs.gitlab.com/api/metadata/)
 */
export async function instanceFacts(
  { projects, clock }: Pick<Runtime, "projects" | "clock">,
  baseUrl: string,
  ask: () => Promise<{ readonly status: number; readonly body: unknown }>,
): Promise<InstanceFacts> {
  const instances = kept.get(projects) ?? new Map<string, { until: number; facts: InstanceFacts }>();
  kept.set(projects, instances);
  const known = instances.get(baseUrl);
  if (known && clock.now() < known.until) return known.facts;
  const { status, body } = await ask();
  // Before 15.2 there is none; whatever else was answered may have been about the token.
  if (status === 404) instances.set(baseUrl, { until: clock.now() + keptMs, facts: {} });
  if (status !== 200 || !isObject(body)) return {};
  const { version, enterprise } = body;
  const facts: InstanceFacts = {
    ...(typeof version === "string" && { version: version.slice(0, 100) }),
    ...(typeof enterprise === "boolean" && { enterprise }),
  };
  instances.set(baseUrl, { until: clock.now() + keptMs, facts });
  return facts;
}

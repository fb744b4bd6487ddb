/** Creates under way: of two equal ones nobody can say which of them a thing that is found came from. */
import type { Runtime } from "./runtime.js";

/** A create under way. */
export interface Flight {
  readonly key: string;
  /** When it ended, by the client's steady clock. */
  ended: number;
  /** An equal one was under way at the same time, or just before. */
  shared: boolean;
}

/** One that ended so long ago is told apart by time. */
const apartAfterMs = 5000;

const flights = new WeakMap<Runtime["limiter"], Map<string, Flight[]>>();

/** Notes that a create begins. `landed` has to follow. */
export function flightOf({ limiter, clock }: Runtime, key: string): Flight {
  let all = flights.get(limiter);
  if (!all) flights.set(limiter, (all = new Map<string, Flight[]>()));
  const now = clock.steady();
  const others = (all.get(key) ?? []).filter(({ ended }) => now - ended < apartAfterMs);
  const flight = { key, ended: Infinity, shared: others.length > 0 };
  for (const other of others) other.shared = true;
  all.set(key, [...others, flight]);
  return flight;
}

/** Notes that it has ended, and forgets those that ended long ago. */
export function landed({ limiter, clock }: Runtime, flight: Flight): void {
  const all = flights.get(limiter);
  flight.ended = clock.steady();
  for (const [key, some] of all ?? []) {
    if (some.some(({ ended }) => flight.ended - ended < apartAfterMs)) break;
    all?.delete(key);
  }
}

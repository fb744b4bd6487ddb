/** Creates under way: of two equal ones nobody can say which of them a thing that is found came from. */
import type { Runtime } from "../runtime.js";

/** A create under way. */
export interface OngoingCreate {
  readonly key: string;
  /** When it ended, by the client's steady clock. */
  ended: number;
  /** An equal one was under way at the same time, or just before. */
  shared: boolean;
}

/** One that ended so long ago is told apart by time. */
const apartAfterMs = 5000;

const ongoing = new WeakMap<Runtime["limiter"], Map<string, OngoingCreate[]>>();

/** Notes that a create begins. `endCreate` has to follow. */
export function beginCreate({ limiter, clock }: Runtime, key: string): OngoingCreate {
  let all = ongoing.get(limiter);
  if (!all) ongoing.set(limiter, (all = new Map<string, OngoingCreate[]>()));
  const now = clock.steady();
  const others = (all.get(key) ?? []).filter(({ ended }) => now - ended < apartAfterMs);
  const create = { key, ended: Infinity, shared: others.length > 0 };
  for (const other of others) other.shared = true;
  all.set(key, [...others, create]);
  return create;
}

/** Notes that it has ended, and forgets those that ended long ago. */
export function endCreate({ limiter, clock }: Runtime, create: OngoingCreate): void {
  const all = ongoing.get(limiter);
  create.ended = clock.steady();
  for (const [key, some] of all ?? []) {
    if (some.some(({ ended }) => create.ended - ended < apartAfterMs)) break;
    all?.delete(key);
  }
}

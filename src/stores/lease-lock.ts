import type { Lock } from "./account-store.js";

/** A lease that somebody here holds. */
export class Lease implements Lock {
  readonly name: string;
  readonly owner: string;
  readonly abandoned: boolean;
  /** Given back already, with the last write that it was for. */
  isReturned = false;

  constructor({ name, owner, abandoned }: Pick<Lease, "name" | "owner" | "abandoned">) {
    this.name = name;
    this.owner = owner;
    this.abandoned = abandoned;
  }
}

import type { HeaderReader } from "../../http/transport.js";
import type { Fields } from "../../is-object.js";
import type { Sent } from "./sent.js";

/** One page of a list. */
export interface Listed {
  readonly items: readonly Fields[];
  readonly headers: HeaderReader;
  /** What asks for the next one; absent on the last. */
  readonly next?: Readonly<Record<string, string>>;
}

/** Asks for a page of the list in which it would be. */
export type Page = (more: Readonly<Record<string, string>>, sent: Sent) => Promise<Listed>;

import { isDeepStrictEqual } from "node:util";
import { parse, stringify } from "yaml";
import { defaultSource, releaseUrl } from "./document.js";
import { isObject } from "../src/is-object.js";

/** A document that the specification was taken from. */
export interface LockedSource {
  /** URL, or base name of a file. */
  readonly name: string;
  /** The API's version, as the document says. */
  readonly version: string;
  /** Of the whole document that was read, as lower-case hexadecimal. */
  readonly sha256: string;
}

/** Where the project's specification comes from. */
export interface Lock {
  /** Where several have something, the first wins. */
  readonly sources: readonly LockedSource[];
  /** The first one's. */
  readonly version: string;
  /** The day (UTC) on which these inputs were taken first. */
  readonly date: string;
  /** How many operations were kept. */
  readonly operations: number;
}

const header =
  "# Written by `gitlab-agent-tools spec update`. Says which documents gitlab.openapi.yaml was taken from.\n";

export function readLock(text: string | undefined): Lock | undefined {
  const value: unknown = text === undefined ? undefined : parse(text);
  if (!isObject(value)) return undefined;
  const { version, date, operations } = value;
  // Before there could be several, the one stood at the top.
  const listed: unknown[] = Array.isArray(value["sources"]) ? value["sources"] : [{ ...value, name: value["source"] }];
  const sources = listed
    .filter(isObject)
    .map(({ name, version: own, sha256 }) => ({ name: String(name), version: String(own), sha256: String(sha256) }));
  return { sources, version: String(version), date: String(date), operations: Number(operations) };
}

/** The lock's text. The same inputs keep the date that they came in with, so that a repeated update changes nothing. */
export function writeLock(lock: Omit<Lock, "date">, previous: Lock | undefined, now: Date): string {
  const same = previous !== undefined && isDeepStrictEqual(previous.sources, lock.sources);
  const date = same ? previous.date : now.toISOString().slice(0, 10);
  const { sources, version, operations } = lock;
  return (
    header +
    stringify(
      { version, date, operations, sources },
      { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 },
    )
  );
}

/** Where to look when nobody says: the published document of the locked release. */
export function sourceOf(lock: Lock | undefined): string {
  return lock && /^\d+\.\d+/.test(lock.version) ? releaseUrl(lock.version) : defaultSource;
}

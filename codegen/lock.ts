import { parse, stringify } from "yaml";
import { defaultSource, releaseUrl } from "./document.js";
import { isObject } from "./openapi.js";

/** Where the project's specification comes from. */
export interface Lock {
  /** URL, or base name of a file. */
  readonly source: string;
  /** The API's version, as the document says. */
  readonly version: string;
  /** Of the whole document that was read, as lower-case hexadecimal. */
  readonly sha256: string;
  /** The day (UTC) on which this input was taken first. */
  readonly date: string;
  /** How many operations were kept. */
  readonly operations: number;
}

const header =
  "# Written by `gitlab-agent-tools spec update`. Says which document gitlab.openapi.yaml was taken from.\n";

export function readLock(text: string | undefined): Lock | undefined {
  const value: unknown = text === undefined ? undefined : parse(text);
  if (!isObject(value)) return undefined;
  const { source, version, sha256, date, operations } = value;
  return {
    source: String(source),
    version: String(version),
    sha256: String(sha256),
    date: String(date),
    operations: Number(operations),
  };
}

/** The lock's text. The same input keeps the date that it came in with, so that a repeated update changes nothing. */
export function writeLock(lock: Omit<Lock, "date">, previous: Lock | undefined, now: Date): string {
  const same = previous?.sha256 === lock.sha256 && previous.source === lock.source;
  const date = same ? previous.date : now.toISOString().slice(0, 10);
  const { source, version, sha256, operations } = lock;
  return (
    header +
    stringify(
      { source, version, sha256, date, operations },
      { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" },
    )
  );
}

/** Where to look when nobody says: the published document of the locked release. */
export function sourceOf(lock: Lock | undefined): string {
  return lock && /^\d+\.\d+/.test(lock.version) ? releaseUrl(lock.version) : defaultSource;
}

import { listenerOf } from "../accounts/events.js";
import { isObject } from "../is-object.js";
import { isAtMost } from "../policy/access.js";
import { pagesOf, type ExpiringRows } from "../stores/expiring-rows.js";
import type { Cleanup } from "../stores/cleanup.js";
import type { AuditEntry } from "./audit.js";
import type { Access } from "../definition/definition.js";

/** An audit trail in the client's store. */
export interface AuditOptions {
  /** How long an entry is kept, in days. Default: 90. */
  readonly keepDays?: number | undefined;
  /** Which calls are recorded: all, or those that change something, or those that destroy. Default: `read`, all. */
  readonly from?: Access | undefined;
}

/** Which entries, newest first. */
export interface AuditFilter {
  readonly connectionName?: string;
  readonly identifier?: string;
  readonly toolName?: string | undefined;
  /** Only entries of calls that began then or later: ISO 8601. Default: all that are kept. */
  readonly since?: string | undefined;
  /** The most that are returned. Default: 1,000. */
  readonly limit?: number | undefined;
}

/** Writes entries down in the background. */
export interface AuditTrail {
  readonly record: (entry: AuditEntry) => void;
  /** Resolves when everything has been written. */
  readonly flushed: () => Promise<void>;
}

export const auditKind = "audit";
const kind = auditKind;
const dayMs = 86_400_000;
/** Where the store cannot keep up, memory has an end. */
const mostWaiting = 10_000;
const atOnce = 16;

interface AuditParts {
  readonly rows: ExpiringRows;
  readonly cleanup: Cleanup;
  /** Opens the store. */
  readonly ready: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** In the order of time: lists go by ids. */
const idOf = (ms: number, callId: string): string => `${String(ms).padStart(15, "0")} ${callId}`;

function storedAudit(
  { rows, ready, now, cleanup }: AuditParts,
  { keepDays = 90, from = "read" }: AuditOptions,
): AuditTrail {
  const waiting: AuditEntry[] = [];
  let lost = 0;
  let writing: Promise<void> | undefined;

  async function write(entry: AuditEntry): Promise<void> {
    const ms = Date.parse(entry.at);
    cleanup.wrote();
    const row = { kind, id: idOf(ms, entry.callId), value: JSON.stringify(entry), about: entry.identifier };
    await rows.add({ ...row, expiresAt: ms + keepDays * dayMs }, now());
  }

  async function drain(): Promise<void> {
    await ready();
    while (waiting.length > 0) {
      const batch = waiting.splice(0, atOnce);
      const results = await Promise.allSettled(batch.map(write));
      const failed = results.find((result) => result.status === "rejected");
      if (failed) warn(results.filter(({ status }) => status === "rejected").length, failed.reason);
    }
    if (lost > 0) warn(lost, new Error("the store cannot keep up"));
    lost = 0;
  }

  return {
    record(entry) {
      if (!isAtMost(from, entry.access)) return;
      if (waiting.length >= mostWaiting) lost += 1;
      else waiting.push(entry);
      writing ??= drain()
        .catch((error: unknown) => warn(waiting.splice(0).length, error))
        .finally(() => (writing = undefined));
    },
    async flushed() {
      while (writing) await writing;
    },
  };
}

/** The trail that a client's option asks for. */
export function openAudit(
  option: AuditOptions | ((entry: AuditEntry) => unknown) | undefined,
  { rows, ...parts }: Omit<AuditParts, "rows"> & { readonly rows: ExpiringRows | undefined },
): AuditTrail | undefined {
  if (typeof option === "function") return { record: listenerOf("audit", option), flushed: () => Promise.resolve() };
  return option && rows && storedAudit({ ...parts, rows }, option);
}

function warn(entries: number, error: unknown): void {
  const because = error instanceof Error ? error.message : String(error);
  process.emitWarning(`The audit trail misses ${entries} calls: ${because}`);
}

/** How much further back each look at the trail begins than the one before. */
const stride = 60;

/**
 * What was recorded, newest first. Ids go up with time, and the trail may be long: the last minute is looked at first,
 * then the last hour, and so on until there is enough.
 */
export async function readAudit(
  { rows, now }: Pick<AuditParts, "rows" | "now">,
  { since, limit = 1_000, ...filter }: AuditFilter,
): Promise<AuditEntry[]> {
  const { identifier: about } = filter;
  const begin = since === undefined ? 0 : Date.parse(since);
  let found: AuditEntry[] = [];
  let seen: string | undefined;
  for (let spanMs = 60_000; ; spanMs *= stride) {
    const from = Math.max(begin, now() - spanMs);
    const after = idOf(from, "");
    const earlier: AuditEntry[] = [];
    for await (const { id, value } of pagesOf(rows, kind, now, { after, ...(about !== undefined && { about }) })) {
      if (seen !== undefined && id >= seen) break;
      const entry = entryOf(value);
      if (entry && fits(entry, filter)) earlier.push(entry);
      if (earlier.length > 2 * limit) earlier.splice(0, earlier.length - limit);
    }
    found = [...earlier, ...found];
    if (found.length >= limit || from === begin) return found.slice(-limit).reverse();
    seen = after;
  }
}

export function entryOf(text: string): AuditEntry | undefined {
  const value: unknown = JSON.parse(text);
  return isObject(value) ? (value as object as AuditEntry) : undefined;
}

const fits = (
  entry: AuditEntry,
  { connectionName, identifier, toolName }: Omit<AuditFilter, "since" | "limit">,
): boolean =>
  (connectionName === undefined || entry.connectionName === connectionName) &&
  (identifier === undefined || entry.identifier === identifier) &&
  (toolName === undefined || entry.toolName === toolName);

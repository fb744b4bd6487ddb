import { setTimeout as sleep } from "node:timers/promises";
import type { GitLabState } from "../state/gitlab-state.js";
import type { EndpointLimit } from "./endpoint-limit.js";
import { gitlabComLimits } from "./gitlab-com-limits.js";
import type { OpenRecord } from "./recording.js";
import { jsonReply, textReply, type Reply } from "./reply.js";

/** Failures by chance. */
export interface FailureRate {
  /** From 0 to 1. */
  readonly rate: number;
  /** Default 500. */
  readonly status?: number;
  /** Restricts to an operation, by its id. */
  readonly operationId?: string;
}

/** What goes wrong for as long as it is set. All of it is deterministic: chance comes from a seed. */
export class Conditions {
  /** Milliseconds that every answer takes longer; a function may tell requests apart. Default 0. */
  latencyMs: number | ((request: { readonly method: string; readonly path: string }) => number) = 0;
  /** Failures by chance, per operation or for all. */
  failures: readonly FailureRate[] = [];
  /** Reads only: writes are answered with 503 and `Retry-After`. */
  maintenance = false;
  /** Limits per endpoint and user; `"gitlab.com"` for those that GitLab documents of GitLab.com. Default none. */
  endpointLimits: readonly EndpointLimit[] | "gitlab.com" = [];
  /**
   * Seconds for which a replica does not know of a write: what was created is missing, in lists too, and what was changed
   * or deleted reads as before. Default 0.
   */
  replicaLagSeconds = 0;
  readonly #counts = new Map<string, { window: number; count: number }>();
  readonly #created = new Map<string, number>();
  readonly #changed = new Map<string, { readonly at: number; readonly before: Reply }>();
  #chance = 1;

  /** Where the chance begins. */
  seed(value: number): void {
    this.#chance = value;
  }

  /** The answer that the conditions give in place of GitLab's, if any. */
  async interfere(record: OpenRecord, gitlab: GitLabState): Promise<Reply | undefined> {
    const latency = typeof this.latencyMs === "number" ? this.latencyMs : this.latencyMs(record);
    if (latency > 0) await sleep(latency);
    if (!record.path.startsWith("/api/v4/")) return undefined;
    const write = record.method !== "GET" && record.method !== "HEAD";
    const marked = { "x-emulator": "conditions" };
    if (this.maintenance && write) {
      const message = "This organization is currently in read-only mode. Write operations are temporarily disabled.";
      return jsonReply(503, { message }, { ...marked, "retry-after": "60" });
    }
    const failure = this.failures.find(
      ({ operationId, rate }) => (operationId ?? record.operationId) === record.operationId && this.#random() < rate,
    );
    if (failure !== undefined) {
      const { status = 500 } = failure;
      return jsonReply(status, { message: `${String(status)} Internal Server Error` }, marked);
    }
    const now = gitlab.now().getTime();
    const limits = this.endpointLimits === "gitlab.com" ? gitlabComLimits : this.endpointLimits;
    const limited = limits.find((limit) => limit.operationId === record.operationId);
    if (limited !== undefined && this.#exceeds(limited, record, now)) {
      const error = "This endpoint has been requested too many times. Try again later.";
      return jsonReply(429, { message: { error } }, { ...marked, "retry-after": String(limited.periodSeconds) });
    }
    return this.#lag(record, write, now);
  }

  /** Remembers what a write did, for replicas to lag behind; `before` is what its path read like. */
  wrote(record: OpenRecord, reply: Reply, before: Reply | undefined, now: Date): void {
    if (this.replicaLagSeconds === 0 || record.status >= 300) return;
    const at = now.getTime();
    if (record.status === 201) for (const path of createdPaths(record.path, reply)) this.#created.set(path, at);
    else if (before !== undefined && before.status === 200) this.#changed.set(record.path, { at, before });
  }

  /** Whether the emulator has to read what a write is about to change. */
  remembers({ method, path }: OpenRecord): boolean {
    return this.replicaLagSeconds > 0 && ["PUT", "PATCH", "DELETE"].includes(method) && path.startsWith("/api/v4/");
  }

  /** A list as the replica has it. */
  asReplicated(record: OpenRecord, reply: Reply, now: Date): Reply {
    if (this.replicaLagSeconds === 0 || record.method !== "GET" || reply.status !== 200) return reply;
    const items = bodyOf(reply);
    if (!Array.isArray(items)) return reply;
    const at = now.getTime();
    const shown = items.flatMap((item: unknown) => {
      const paths = pathsOf(record.path, item);
      if (paths.some((path) => this.#behind(this.#created.get(path), at))) return [];
      const changed = paths
        .map((path) => this.#changed.get(path))
        .find((change) => change !== undefined && this.#behind(change.at, at));
      const before = changed === undefined ? undefined : bodyOf(changed.before);
      if (!isHash(item) || !isHash(before)) return [item];
      return [Object.fromEntries(Object.keys(item).map((field) => [field, before[field] ?? item[field]]))];
    });
    const missing = items.length - shown.length;
    const total = reply.headers["x-total"];
    const headers =
      total === undefined ? reply.headers : { ...reply.headers, "x-total": String(Number(total) - missing) };
    return { ...reply, headers, body: JSON.stringify(shown) };
  }

  #lag({ path }: OpenRecord, write: boolean, now: number): Reply | undefined {
    if (write || this.replicaLagSeconds === 0) return undefined;
    const changed = this.#changed.get(path);
    if (changed !== undefined && this.#behind(changed.at, now)) {
      return { ...changed.before, headers: { ...changed.before.headers, "x-emulator": "conditions" } };
    }
    if (!this.#behind(this.#created.get(path), now)) return undefined;
    return textReply(
      404,
      JSON.stringify({ message: "404 Not found" }),
      { "x-emulator": "conditions" },
      "application/json",
    );
  }

  #behind(at: number | undefined, now: number): boolean {
    return at !== undefined && (now - at) / 1000 < this.replicaLagSeconds;
  }

  #exceeds(
    { operationId, limit, periodSeconds, shared, per }: EndpointLimit,
    record: OpenRecord,
    now: number,
  ): boolean {
    const key = `${shared ?? operationId} ${per === "path" ? record.path : ""} ${record.username ?? ""}`;
    const window = Math.floor(now / 1000 / periodSeconds);
    const before = this.#counts.get(key);
    const count = before?.window === window ? before.count + 1 : 1;
    this.#counts.set(key, { window, count });
    return count > limit;
  }

  /** The same numbers for the same seed: a linear congruential generator. */
  #random(): number {
    this.#chance = (this.#chance * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return this.#chance / 4_294_967_296;
  }
}

const isHash = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const bodyOf = ({ body }: Reply): unknown => (typeof body === "string" ? JSON.parse(body) : undefined);

/** Where what a request has created is read. */
const createdPaths = (path: string, reply: Reply): string[] => pathsOf(path, bodyOf(reply));

/** Where an item of a list is read. */
function pathsOf(path: string, item: unknown): string[] {
  if (!isHash(item)) return [];
  return ["iid", "id", "name", "tag_name", "key", "slug"].flatMap((field) => {
    const value = item[field];
    const named = typeof value === "string" || typeof value === "number";
    return named ? [`${path.replace(/\/$/, "")}/${encodeURIComponent(String(value))}`] : [];
  });
}

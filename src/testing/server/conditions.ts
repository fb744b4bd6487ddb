import { setTimeout as sleep } from "node:timers/promises";
import type { GitLabState } from "../state/gitlab-state.js";
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

/** A limit of one endpoint, as GitLab.com has them beside the general one. */
export interface EndpointLimit {
  readonly operationId: string;
  readonly limit: number;
  readonly periodSeconds: number;
}

/** What goes wrong for as long as it is set. All of it is deterministic: chance comes from a seed. */
export class Conditions {
  /** Milliseconds that every answer takes longer; a function may tell requests apart. Default 0. */
  latencyMs: number | ((request: { readonly method: string; readonly path: string }) => number) = 0;
  /** Failures by chance, per operation or for all. */
  failures: readonly FailureRate[] = [];
  /** Reads only: writes are answered with 503 and `Retry-After`. */
  maintenance = false;
  /** Limits per endpoint and user. */
  endpointLimits: readonly EndpointLimit[] = [];
  /** Seconds for which a replica does not have what was just created: reads of it by its path are 404. Default 0. */
  replicaLagSeconds = 0;
  readonly #counts = new Map<string, { window: number; count: number }>();
  readonly #created = new Map<string, number>();
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
    const limited = this.endpointLimits.find((limit) => limit.operationId === record.operationId);
    if (limited !== undefined && this.#exceeds(limited, record.username ?? "", now)) {
      const error = "This endpoint has been requested too many times. Try again later.";
      return jsonReply(429, { message: { error } }, { ...marked, "retry-after": String(limited.periodSeconds) });
    }
    return this.#lag(record, write, now);
  }

  /** Remembers when something was created, for replicas to lag behind. */
  created(paths: readonly string[], now: Date): void {
    if (this.replicaLagSeconds > 0) for (const path of paths) this.#created.set(path, now.getTime());
  }

  #lag({ path }: OpenRecord, write: boolean, now: number): Reply | undefined {
    if (write || this.replicaLagSeconds === 0) return undefined;
    const at = this.#created.get(path);
    if (at === undefined || (now - at) / 1000 >= this.replicaLagSeconds) return undefined;
    return textReply(
      404,
      JSON.stringify({ message: "404 Not found" }),
      { "x-emulator": "conditions" },
      "application/json",
    );
  }

  #exceeds({ operationId, limit, periodSeconds }: EndpointLimit, username: string, now: number): boolean {
    const key = `${operationId} ${username}`;
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

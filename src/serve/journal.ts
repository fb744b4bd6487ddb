import { randomUUID } from "node:crypto";
import { accountEventKind as kind, type AccountEvent, type KeptAccountEvent } from "../accounts/events.js";
import type { AccountKey } from "../accounts/types.js";
import type { GitLab } from "../gitlab-types.js";
import { storeOf } from "./api-keys.js";

/** What has happened to accounts in any of the gateways on one store, for a week. */
export interface EventJournal {
  record(event: AccountEvent): Promise<void>;
  /**
   * In the order of time, behind `after`.
   *
   * @param matches whose events
   */
  list(options: {
    readonly after: string | undefined;
    readonly limit: number;
    readonly matches: (account: AccountKey) => boolean;
  }): Promise<{ readonly events: readonly KeptAccountEvent[]; readonly cursor: string }>;
}

const keptMs = 7 * 86_400_000;
/** Another process's clock may be behind, and its event on its way: what is younger is not told yet. */
const settleMs = 2_000;
const pageSize = 200;
/** How many of others' events one request looks through. */
const mostRows = 2_000;

/** @throws {GitLabToolError} `invalid_input` for a store that keeps no rows */
export function createJournal(gitlab: GitLab): EventJournal {
  const { parts, rows } = storeOf(gitlab);
  const { now, ready } = parts;
  /** Ids are in the order of time; digits are in one order everywhere. */
  const at = (ms: number): string => String(ms).padStart(15, "0");

  return {
    async record({ type, at: time, account, ...rest }) {
      // Every account has one every two hours, and nothing changes by it for its product.
      if (type === "refreshed") return;
      await ready();
      const id = `${at(now())}${BigInt(`0x${randomUUID().replaceAll("-", "")}`)
        .toString()
        .padStart(39, "0")}`;
      const error = "error" in rest ? rest.error.toJSON() : undefined;
      const event: KeptAccountEvent = { id, type, at: time, account, ...(error && { error }) };
      const { identifier: about } = account;
      await rows.add({ kind, id, value: JSON.stringify(event), expiresAt: now() + keptMs, about }, now());
    },

    async list({ after, limit, matches }) {
      await ready();
      const settled = at(now() - settleMs);
      const events: KeptAccountEvent[] = [];
      let cursor = after;
      for (let seen = 0; seen < mostRows; seen += pageSize) {
        const page = await rows.list(kind, {
          now: now(),
          limit: pageSize,
          ...(cursor !== undefined && { after: cursor }),
        });
        for (const { id, value } of page) {
          if (id >= settled) return { events, cursor: cursor ?? "0" };
          const event = JSON.parse(value) as KeptAccountEvent;
          if (matches(event.account)) events.push(event);
          cursor = id;
          if (events.length >= limit) return { events, cursor };
        }
        if (page.length < pageSize) break;
      }
      return { events, cursor: cursor ?? "0" };
    },
  };
}

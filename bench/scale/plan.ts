import type { ConnectionConfig } from "gitlab-agent-tools";

export const lifetimeSeconds = 7_200;
/** When the simulated time begins, in milliseconds since 1970. */
export const beginning = Date.UTC(2026, 0, 1);

/** How many accounts there are, and which share of them ends within the same ten minutes: people come in the morning. */
export interface ScalePlan {
  readonly accounts: number;
  readonly burst: number;
}

/** When an account's first token ends. The first ends when a refresher has had its first look. */
export function expiryOf(index: number, { accounts, burst }: ScalePlan): number {
  const inBurst = index < accounts * burst;
  const share = inBurst ? index / (accounts * burst) : (index - accounts * burst) / (accounts * (1 - burst));
  const [from, seconds] = inBurst ? [3_600, 600] : [480, lifetimeSeconds - 480];
  return beginning + Math.floor((from + share * seconds) * 1000);
}

export type ScaleGitLabOrder = { readonly plan: ScalePlan } | { readonly now: number };

export interface ScaleGitLabReport {
  readonly requests: number;
  /** 429s. */
  readonly refused: number;
  /** From how many addresses requests came: GitLab counts each by itself. */
  readonly addresses: number;
  /** Pairs that had been rotated before: nobody may send one. */
  readonly invalid: number;
  /** Accounts that were refreshed at least once. */
  readonly refreshed: number;
  readonly refreshes: number;
  readonly most: number;
  /** Seconds that the token had left which was closest to its end when it was refreshed; and that of 99 %. */
  readonly leastLeft: number;
  readonly percentileLeft: number;
}

export interface ReplicaSetup {
  readonly store: string;
  readonly encryptionKey: string;
  readonly connection: ConnectionConfig;
  /** The address that requests come from. */
  readonly address: string;
  readonly webhookSecret: string;
}

/** What a replica is told to do, all of it through the pooler. */
export type ScaleReplicaOrder =
  | { readonly do: "pass"; readonly now: number }
  | { readonly do: "lookUps"; readonly identifiers: readonly string[] }
  | { readonly do: "mint"; readonly identifiers: readonly string[] }
  | { readonly do: "verify"; readonly tokens: readonly string[] }
  | { readonly do: "revoke"; readonly identifiers: readonly string[] }
  | { readonly do: "deliveries"; readonly ids: readonly string[] }
  | { readonly do: "audit"; readonly entries: number };

export interface ReplicaReport {
  /** Refreshed, found, minted, valid, revoked, handled, recorded. */
  readonly done: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly tokens: readonly string[];
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

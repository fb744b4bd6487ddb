import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountsContext } from "./context.js";
import type { CredentialsSource } from "./credentials.js";
import { aheadOf } from "./due.js";
import type { AccountKey } from "./types.js";

export interface RefresherOptions {
  /** Seconds between two looks at the store. Default: 60. */
  readonly intervalSeconds?: number | undefined;
  /** How many accounts one look takes on at a time. Default: 50. */
  readonly batchSize?: number | undefined;
  /** How many accounts of one connection are refreshed at once. Default: 4. */
  readonly concurrency?: number | undefined;
}

/** What one pass over the due accounts did. */
export interface RefreshSummary {
  readonly refreshed: number;
  readonly failed: number;
}

export interface Refresher {
  /** Ends when the pass under way, if any, has ended. */
  stop(): Promise<void>;
}

const aboutInstance: ReadonlySet<string> = new Set(["network_error", "timeout", "rate_limited", "gitlab_unavailable"]);

/** Whether the next account of the same connection would fare no better. A row that does not open says nothing of it. */
function isAway(error: unknown): boolean {
  if (!(error instanceof GitLabToolError)) return false;
  // A status: the token endpoint itself has refused our application.
  const refused = error.code === "connection_misconfigured" && error.status !== undefined;
  return refused || aboutInstance.has(error.code);
}

/** How long a claimed account is left to the process that claimed it. */
const claimMs = 90_000;

/** Refreshes every account whose token ends soon, until every due account has been taken on by somebody. */
export async function refreshDue(
  { store, now, refreshSkewMs, cleanup }: AccountsContext,
  credentials: CredentialsSource,
  { intervalSeconds = 60, batchSize = 50, concurrency = 4 }: RefresherOptions = {},
  shouldContinue: () => boolean = () => true,
): Promise<RefreshSummary> {
  const aheadMs = aheadOf(refreshSkewMs, intervalSeconds);
  let [refreshed, failed] = [0, 0];
  // One account's failure that is not its own is enough to know.
  const away = new Set<string>();
  while (shouldContinue()) {
    const at = now();
    const due = await store.claimDueAccounts({
      now: at,
      expiresBefore: at + aheadMs,
      claimUntil: at + claimMs,
      limit: batchSize,
    });
    const refresh = async (account: AccountKey): Promise<void> => {
      try {
        if (away.has(account.connectionName)) failed += 1;
        else {
          await credentials.refreshAhead(account, aheadMs);
          refreshed += 1;
        }
      } catch (error) {
        failed += 1;
        if (isAway(error)) away.add(account.connectionName);
      }
    };
    // Every connection has workers of its own: an instance that does not answer holds up nobody else's accounts.
    await Promise.all(
      byConnection(due).flatMap((accounts) => {
        const queue = accounts.values();
        return Array.from({ length: concurrency }, async () => {
          for (const account of queue) if (shouldContinue()) await refresh(account);
        });
      }),
    );
    if (due.length < batchSize) break;
  }
  // Where nothing else is written, what processes that died have left behind is to go as well.
  cleanup.wrote();
  return { refreshed, failed };
}

function byConnection(accounts: readonly AccountKey[]): AccountKey[][] {
  const groups = new Map<string, AccountKey[]>();
  for (const account of accounts) {
    const group = groups.get(account.connectionName) ?? [];
    groups.set(account.connectionName, group);
    group.push(account);
  }
  return [...groups.values()];
}

/** Runs a pass again and again, the first at once. Does not keep the process alive. */
export function startRefresher(
  pass: (shouldContinue: () => boolean) => Promise<unknown>,
  { intervalSeconds = 60 }: RefresherOptions = {},
): Refresher {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();

  const run = async (): Promise<void> => {
    // A store that is away is there again at the next pass.
    await pass(() => !stopped).catch(() => undefined);
    if (stopped) return;
    // Spread, so that replicas that start together do not stay in step.
    timer = setTimeout(begin, intervalSeconds * 1000 * (0.9 + Math.random() * 0.2));
    timer.unref();
  };
  const begin = (): void => {
    running = run();
  };
  begin();

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

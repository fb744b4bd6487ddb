import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { AccountsContext } from "./context.js";
import type { CredentialsSource } from "./credentials.js";

export interface RefresherOptions {
  /** Seconds between two looks at the store. Default: 60. */
  readonly intervalSeconds?: number;
  /** How many accounts one look takes on at a time. Default: 50. */
  readonly batchSize?: number;
  /** How many of them are refreshed at once. Default: 4. */
  readonly concurrency?: number;
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

const aboutAccount: ReadonlySet<string> = new Set(["account_revoked", "account_not_connected", "account_not_found"]);

/** How long a claimed account is left to the process that claimed it. */
const claimMs = 90_000;

/** Renews every account whose token ends soon, until none is left that nobody else has taken on. */
export async function refreshDue(
  { store, now, refreshSkewMs }: AccountsContext,
  credentials: CredentialsSource,
  { intervalSeconds = 60, batchSize = 50, concurrency = 4 }: RefresherOptions = {},
  goOn: () => boolean = () => true,
): Promise<RefreshSummary> {
  // Far enough ahead that no call finds a token inside the skew before the next pass.
  const aheadMs = refreshSkewMs + 2 * intervalSeconds * 1000;
  let [refreshed, failed] = [0, 0];
  // One account's failure that is not its own is enough to know: an instance that is away does not hold up the others.
  const away = new Set<string>();
  while (goOn()) {
    const at = now();
    const due = await store.claimDueAccounts({
      now: at,
      expiresBefore: at + aheadMs,
      claimUntil: at + claimMs,
      limit: batchSize,
    });
    const queue = due.values();
    const work = async (): Promise<void> => {
      for (const account of queue) {
        try {
          if (!away.has(account.connectionName)) {
            await credentials.renewAhead(account, aheadMs);
            refreshed += 1;
          } else failed += 1;
        } catch (error) {
          failed += 1;
          if (!(error instanceof GitLabToolError) || !aboutAccount.has(error.code)) away.add(account.connectionName);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    if (due.length < batchSize) break;
  }
  return { refreshed, failed };
}

/** Runs a pass again and again, the first at once. Does not keep the process alive. */
export function startRefresher(
  pass: (goOn: () => boolean) => Promise<unknown>,
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

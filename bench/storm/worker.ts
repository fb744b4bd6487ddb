import { monitorEventLoopDelay } from "node:perf_hooks";
import { createGitLab, GitLabToolError, type ConnectionConfig, type GitLab } from "gitlab-agent-tools";
import { currentUserGet } from "gitlab-agent-tools/tools";

/** One call for each of these people, all at once. The client stays for the next order. */
export interface StormOrder {
  readonly store: string;
  readonly encryptionKey: string;
  readonly connection: ConnectionConfig;
  readonly identifiers: readonly string[];
}

export interface StormReport {
  readonly calls: number;
  /** Also calls that went out as somebody else. */
  readonly failed: number;
  /** Some of what was thrown. */
  readonly failures: readonly string[];
  readonly cpuSeconds: number;
  readonly megabytes: number;
  readonly stallMs: number;
}

let gitlab: GitLab | undefined;

process.on("message", (order: StormOrder) => void run(order));
process.send?.("ready");

async function run({ store, encryptionKey, connection, identifiers }: StormOrder): Promise<void> {
  const client = (gitlab ??= createGitLab({ store, encryptionKey, connections: { gitlab: connection } }));
  const delays = monitorEventLoopDelay({ resolution: 10 });
  const used = process.cpuUsage();
  delays.enable();
  const results = await Promise.allSettled(
    identifiers.map(async (identifier) => {
      const { data } = await currentUserGet(client.as(identifier), {}, { timeoutMs: 120_000 });
      if (data.username !== identifier) throw new Error("a call went out as somebody else");
    }),
  );
  delays.disable();
  const { user, system } = process.cpuUsage(used);
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  const failures = reasons.map((reason) =>
    reason instanceof GitLabToolError ? `${reason.code}: ${reason.message}` : String(reason),
  );
  process.send?.({
    calls: results.length,
    failed: reasons.length,
    failures: failures.slice(0, 5),
    cpuSeconds: (user + system) / 1e6,
    megabytes: process.resourceUsage().maxRSS / 1024,
    stallMs: delays.max / 1e6,
  } satisfies StormReport);
}

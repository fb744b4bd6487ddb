import type { ServerContext } from "@modelcontextprotocol/server";

/**
 * Reports that work goes on, in seconds, to a client that has asked for it (Model Context Protocol, "Progress"): GitLab
 * says nothing on the way, but clients extend their timeouts for it.
 */
export async function withProgress<Result>(
  work: () => Promise<Result>,
  name: string,
  { mcpReq }: ServerContext,
  { progressIntervalMs = 2_000 }: { readonly progressIntervalMs?: number },
): Promise<Result> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return await work();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const progress = (ticks * progressIntervalMs) / 1000;
    const message = `${name}: waiting for GitLab, ${Math.round(progress)} s`;
    // A client that is gone needs no progress.
    mcpReq
      .notify({ method: "notifications/progress", params: { progressToken, progress, message } })
      .catch(() => undefined);
  }, progressIntervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

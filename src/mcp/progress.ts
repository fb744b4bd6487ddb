import type { ServerContext } from "@modelcontextprotocol/server";

export const defaultProgressIntervalMs = 2_000;

/**
 * Reports that work goes on, in seconds, to a client that has asked for it (Model Context Protocol, "Progress"): GitLab
 * says nothing on the way, but clients extend their timeouts for it. What the work says of itself is passed on at once.
 */
export async function withProgress<Result>(
  work: (onProgress: (message: string) => void) => Promise<Result>,
  name: string,
  { mcpReq }: ServerContext,
  { progressIntervalMs = defaultProgressIntervalMs }: { readonly progressIntervalMs?: number },
): Promise<Result> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return await work(() => undefined);
  const began = performance.now();
  let last = 0;
  let said = "waiting for GitLab";
  const notify = (): void => {
    // "The progress value MUST increase with each notification."
    const progress = Math.max((performance.now() - began) / 1000, last + 0.001);
    last = progress;
    const message = `${name}: ${said}, ${Math.round(progress)} s`;
    // A client that is gone needs no progress.
    mcpReq
      .notify({ method: "notifications/progress", params: { progressToken, progress, message } })
      .catch(() => undefined);
  };
  const timer = setInterval(notify, progressIntervalMs);
  try {
    return await work((message) => {
      said = message;
      notify();
    });
  } finally {
    clearInterval(timer);
  }
}

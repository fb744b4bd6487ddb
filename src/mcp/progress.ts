import type { ServerNotification } from "@modelcontextprotocol/sdk/types.js";

/** What the SDK tells about the request that is worked on. */
export interface ProgressExtra {
  readonly _meta?: { readonly progressToken?: string | number };
  readonly sendNotification: (notification: ServerNotification) => Promise<void>;
}

/**
 * Reports that work goes on, in seconds, to a client that has asked for it (Model Context Protocol, "Progress"): GitLab
 * says nothing on the way, but clients extend their timeouts for it.
 */
export async function withProgress<Result>(
  work: () => Promise<Result>,
  name: string,
  { _meta, sendNotification }: ProgressExtra,
  { progressIntervalMs = 2_000 }: { readonly progressIntervalMs?: number },
): Promise<Result> {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return await work();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const progress = (ticks * progressIntervalMs) / 1000;
    const message = `${name}: waiting for GitLab, ${Math.round(progress)} s`;
    // A client that is gone needs no progress.
    sendNotification({ method: "notifications/progress", params: { progressToken, progress, message } }).catch(
      () => undefined,
    );
  }, progressIntervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

import ky, { HTTPError } from "ky";
import { failedBeforeConnecting, retryAfterSeconds } from "../errors/network.js";
import type { SendOptions } from "./wire.js";

const attempts = 3;
const transient = [429, 502, 503, 504];

/** Whether sending again is safe: GitLab has not acted, or acting twice is acting once. */
function mayRepeat(error: unknown, idempotent: boolean, remainingMs: number): boolean {
  if (error instanceof HTTPError) {
    const { status, headers } = error.response;
    if (!transient.includes(status)) return false;
    if (status !== 429 && !idempotent) return false;
    return (retryAfterSeconds(headers) ?? 0) * 1000 < remainingMs;
  }
  if (error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError")) return false;
  return idempotent || failedBeforeConnecting(error);
}

/** Sends a request, again where that is safe, and returns the last answer whatever its status. */
export async function sendWithRetries(request: Request, idempotent: boolean, options: SendOptions): Promise<Response> {
  try {
    return await ky(request, {
      timeout: false,
      redirect: "manual",
      signal: options.signal,
      ...(options.fetch && { fetch: options.fetch }),
      retry: {
        limit: attempts - 1,
        methods: ["get", "head", "post", "put", "patch", "delete"],
        statusCodes: transient,
        afterStatusCodes: transient,
        backoffLimit: 8000,
        jitter: true,
        shouldRetry: ({ error }) => {
          const remaining = options.deadline - performance.now();
          if (!mayRepeat(error, idempotent, remaining)) return false;
          // An answer may say how long to wait: ky reads that when we leave the decision to it.
          return error instanceof HTTPError ? undefined : true;
        },
      },
    });
  } catch (error) {
    if (error instanceof HTTPError) return error.response;
    throw error;
  }
}

import { once } from "node:events";
import type { GitLab } from "../gitlab-types.js";

/** Answers `/healthz` and `/readyz` for load balancers. */
export interface Health {
  /** 200 while the store answers, 503 otherwise and once {@link Health.close} was called; `undefined` for other paths. */
  respond(request: Request): Promise<Response | undefined>;
  close(): void;
}

/** @param timeoutMs how long the store may take, in milliseconds */
export function createHealth(gitlab: GitLab, timeoutMs: number): Health {
  let closing = false;
  /** One look for everybody who asks meanwhile: nobody keeps the store busy by asking. */
  let look: Promise<unknown> | undefined;

  const storeAnswers = (): Promise<boolean> => {
    look ??= gitlab.actions.listConnectedAccounts({ limit: 1 }).finally(() => (look = undefined));
    const late = AbortSignal.timeout(timeoutMs);
    return Promise.race([
      look.then(
        () => true,
        () => false,
      ),
      once(late, "abort").then(() => false),
    ]);
  };

  return {
    async respond({ method, url }) {
      const { pathname } = new URL(url);
      if (pathname !== "/healthz" && pathname !== "/readyz") return undefined;
      if (method !== "GET" && method !== "HEAD") return undefined;
      const alive = !closing && (await storeAnswers());
      const status = closing ? "closing" : alive ? "ok" : "unavailable";
      return Response.json({ status }, { status: alive ? 200 : 503, headers: { "Cache-Control": "no-store" } });
    },
    close: () => void (closing = true),
  };
}

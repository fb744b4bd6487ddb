import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { RateLimiter } from "../../src/testing/server/rate-limit.js";
import { expiryOf, lifetimeSeconds, type ScaleGitLabOrder, type ScaleGitLabReport } from "./plan.js";

/**
 * A GitLab that rotates pairs as Doorkeeper does, and counts requests as GitLab.com does: the token endpoint is traffic
 * of nobody in particular, 500 requests a minute from one address.
 *
 * @see https://docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom
 */
const limiter = new RateLimiter({ limit: 500, periodSeconds: 60 });
let [now, refused, requests, invalid] = [0, 0, 0, 0];
let plan = { accounts: 0, burst: 0 };
const addresses = new Set<string>();
const refreshes = new Map<number, number>();
/** Seconds that a token had left when it was refreshed, for the first refresh of each account. */
const left: number[] = [];

const server = createServer((request, response) => {
  void text(request).then((body) => {
    const say = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
    };
    requests += 1;
    const address = request.socket.remoteAddress ?? "";
    addresses.add(address);
    const { exceeded, headers } = limiter.observe(address, new Date(now));
    if (exceeded) {
      refused += 1;
      return say(429, {}, headers);
    }
    const token = new URLSearchParams(body).get("refresh_token") ?? "";
    const [, id = "", generation] = /^refresh-(\d+)-(\d+)$/.exec(token) ?? [];
    const count = refreshes.get(Number(id)) ?? 0;
    if (Number(generation) !== count) {
      invalid += 1;
      return say(400, { error: "invalid_grant" });
    }
    if (count === 0) left.push((expiryOf(Number(id), plan) - now) / 1000);
    refreshes.set(Number(id), count + 1);
    say(200, {
      ...{ access_token: `access-${id}-${count + 1}`, refresh_token: `refresh-${id}-${count + 1}` },
      ...{ token_type: "Bearer", expires_in: lifetimeSeconds, scope: "api" },
    });
  });
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" && address !== null ? address.port : 0);
});

process.on("message", (order: ScaleGitLabOrder) => {
  if ("plan" in order) plan = order.plan;
  if ("now" in order) now = order.now;
  const counts = [...refreshes.values()];
  left.sort((one, other) => one - other);
  process.send?.({
    ...{
      requests,
      refused,
      invalid,
      addresses: addresses.size,
      refreshed: counts.length,
      most: Math.max(0, ...counts),
    },
    refreshes: counts.reduce((sum, count) => sum + count, 0),
    leastLeft: left[0] ?? Infinity,
    percentileLeft: left[Math.floor(left.length / 100)] ?? Infinity,
  } satisfies ScaleGitLabReport);
});

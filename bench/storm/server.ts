import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/** How often accounts' pairs were refreshed. */
export interface StormCount {
  readonly refreshes: number;
  /** Of the account that was refreshed most often. */
  readonly most: number;
}

const refreshes = new Map<string, number>();

/** A GitLab that rotates pairs as Doorkeeper does, and knows whom a token belongs to. */
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const say = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (request.method === "GET") {
      const [, id, generation] = /^Bearer access-(\d+)-(\d+)$/.exec(request.headers.authorization ?? "") ?? [];
      if (id === undefined || Number(generation) !== refreshes.get(id)) return say(401, { error: "invalid_token" });
      return say(200, { id: Number(id) + 1, username: `user_${id}` });
    }
    const token = new URLSearchParams(body).get("refresh_token") ?? "";
    const [, id = "", generation] = /^refresh-(\d+)-(\d+)$/.exec(token) ?? [];
    const count = refreshes.get(id) ?? 0;
    if (Number(generation) !== count) return say(400, { error: "invalid_grant" });
    refreshes.set(id, count + 1);
    say(200, {
      access_token: `access-${id}-${count + 1}`,
      refresh_token: `refresh-${id}-${count + 1}`,
      token_type: "Bearer",
      expires_in: 7200,
      scope: "api",
    });
  });
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" && address !== null ? address.port : 0);
});

process.on("message", () => {
  const counts = [...refreshes.values()];
  const all = counts.reduce((sum, count) => sum + count, 0);
  process.send?.({ refreshes: all, most: Math.max(0, ...counts) } satisfies StormCount);
});

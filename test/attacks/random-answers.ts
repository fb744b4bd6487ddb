import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { createGitLab, GitLabToolError } from "gitlab-agent-tools";

const token = "glpat-nobody-may-see-this-one";

/** What a run of random answers has shown. */
export interface Findings {
  readonly calls: number;
  /** By the error's code; `ok` for results. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Errors that are not ours, outputs with the token in them, and what got past every promise. */
  readonly wrong: readonly string[];
  /** The longest time that a call took beyond its budget, in milliseconds. */
  readonly mostLateMs: number;
  readonly heapGrowthMiB: number;
}

/** Two megabytes of nothing. */
const bomb = gzipSync(Buffer.alloc(2_000_000));

type Random = (below: number) => number;

/** Numbers that a seed decides: mulberry32. */
function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const pick = <Item>(random: Random, items: readonly [Item, ...Item[]]): Item => items[random(items.length)] ?? items[0];

const noise = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => random(256)));

const statuses = [
  100, 101, 102, 103, 199, 200, 200, 200, 201, 204, 206, 301, 302, 304, 307, 400, 401, 403, 404, 409, 422, 429, 500,
  502, 503, 504, 299, 599, 999,
] as const;

function bodyOf(random: Random, echo: string): Buffer {
  const deep = 2000 + random(10_000);
  return pick<() => Buffer>(random, [
    () => Buffer.from(JSON.stringify({ id: 1, iid: 2, title: "x".repeat(random(3000)) })),
    () =>
      Buffer.from(
        JSON.stringify(Array.from({ length: random(200) }, (_, iid) => ({ iid, author: { username: "a" } }))),
      ),
    () =>
      Buffer.from(
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"message":{"__proto__":["x"]}}',
      ),
    () => Buffer.from("[".repeat(deep) + "]".repeat(random(2) * deep)),
    () => Buffer.from('{"a":'.repeat(deep) + "1" + "}".repeat(deep)),
    () => noise(random, random(500)),
    () => Buffer.concat([Buffer.from('{"title":"'), noise(random, 200), Buffer.from('"}')]),
    () => Buffer.alloc(0),
    () => Buffer.from("<html><title>502 Bad Gateway</title></html>"),
    () =>
      Buffer.from(
        `{"message":${JSON.stringify(echo)},"error":"invalid_token","error_description":"Token ${token} was revoked"}`,
      ),
    () => Buffer.from('{"content":"####","encoding":"base64"}'),
    () => Buffer.from("\ufeff{}"),
  ])();
}

function encode(random: Random, body: Buffer): { encoding?: string; body: Buffer } {
  const damage = (bytes: Buffer): Buffer => {
    const kind = random(4);
    if (kind === 0) return bytes.subarray(0, random(bytes.length + 1));
    if (kind === 1 && bytes.length > 0) bytes.writeUInt8(random(256), random(bytes.length));
    return kind === 2 ? noise(random, 300) : bytes;
  };
  return pick<() => { encoding?: string; body: Buffer }>(random, [
    () => ({ body }),
    () => ({ body }),
    () => ({ encoding: "gzip", body: damage(gzipSync(body)) }),
    () => ({ encoding: "br", body: damage(brotliCompressSync(body)) }),
    () => ({ encoding: "deflate", body: damage(deflateSync(body)) }),
    () => ({ encoding: "gzip, gzip", body: damage(gzipSync(gzipSync(body))) }),
    () => ({ encoding: "gzip, br", body: damage(brotliCompressSync(gzipSync(body))) }),
    () => ({ encoding: "gzip, gzip, gzip, gzip, gzip, gzip", body: damage(gzipSync(body)) }),
    () => ({
      encoding: pick(random, ["zstd", "identity", "x-gzip", "GZIP", ",", "a".repeat(500)]),
      body: damage(gzipSync(body)),
    }),
    () => ({ encoding: "gzip", body: bomb }),
  ])();
}

function headersOf(random: Random, length: number, encoding: string | undefined, echo: string): string[] {
  const lines = ["Content-Type: application/json"];
  if (encoding !== undefined) lines.push(`Content-Encoding: ${encoding}`);
  const framing = random(10);
  if (framing < 5) lines.push(`Content-Length: ${length}`);
  else if (framing === 5) lines.push(`Content-Length: ${length + 1 + random(50)}`);
  else if (framing === 6) lines.push(`Content-Length: ${Math.max(0, length - 1 - random(50))}`);
  else if (framing === 7) lines.push(`Content-Length: ${pick(random, ["-1", "x", "9".repeat(30), "1e3", "0x10"])}`);
  const extra: readonly [() => string, ...(() => string)[]] = [
    () => `X-Request-Id: ${token}`,
    () => `Retry-After: ${pick(random, ["0", "-1", "1e400", "soon", "99999999999"])}`,
    () =>
      `RateLimit-Limit: 10\r\nRateLimit-Remaining: ${random(3) + 8}\r\nRateLimit-Reset: ${pick(random, ["0", "x", "1e300"])}`,
    () =>
      `Location: ${pick(random, ["/", "//[", "http://169.254.169.254/", "file:///etc/passwd", "https://user:pw@x/", `/api/v4/${echo}`])}`,
    () => `X-Huge: ${"h".repeat(random(20_000))}`,
    () => `__proto__: x\r\nconstructor: y\r\n__proto__: z`,
    () => `Link: ${"<a>".repeat(random(500))}; rel="next"`,
    () => `X-Page: ${random(9)}\r\nX-Next-Page: ${pick(random, ["-1", "", "x", "2"])}`,
    () => `Content-Disposition: attachment; filename="../../${"\u00e9".repeat(5)}"; filename*=UTF-8''%ff%fe`,
    () => `Broken header ${echo}`,
    () => "Set-Cookie: a=b",
  ];
  for (let count = random(4); count > 0; count -= 1) lines.push(pick(random, extra)());
  return lines;
}

/** Answers one request: the head, then the body in one of several manners. */
function answer(socket: Socket, random: Random, echo: string): void {
  if (random(50) === 0) return void socket.destroy();
  if (random(50) === 0) return void socket.end(`${echo}\r\n\r\n`);
  if (random(100) === 0) return;
  const { encoding, body } = encode(random, bodyOf(random, echo));
  const lines = headersOf(random, body.length, encoding, echo);
  const chunked = !lines.some((line) => line.startsWith("Content-Length")) && random(2) === 0;
  const framed = chunked || lines.some((line) => line.startsWith("Content-Length"));
  if (chunked) lines.push("Transfer-Encoding: chunked");
  const status = pick(random, statuses);
  const head = [`HTTP/1.1 ${status} ${pick(random, ["OK", "", "\u00e9"])}`, ...lines, "", ""].join("\r\n");
  const chunk = (bytes: Buffer): Buffer =>
    chunked ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]) : bytes;
  const end = chunked ? "0\r\n\r\n" : "";
  const manner = random(30);
  socket.write(head, "latin1");
  if (manner === 0) {
    // Never ends.
    const more = (): void =>
      void (socket.destroyed || socket.write(chunk(Buffer.alloc(8192, 0x20)), () => setImmediate(more)));
    more();
  } else if (manner === 1) {
    // A byte a second.
    let at = 0;
    const drip = (): void => {
      if (socket.destroyed || at >= body.length) return;
      socket.write(chunk(body.subarray(at, (at += 1))));
      setTimeout(drip, 1000).unref();
    };
    drip();
  } else if (manner === 2) socket.write(chunk(body.subarray(0, body.length / 2)), () => socket.resetAndDestroy());
  else if (manner === 3) socket.end(Buffer.concat([chunk(body.subarray(0, body.length / 2)), Buffer.from("zz\r\n")]));
  else if (manner < 15 || !framed) socket.end(Buffer.concat([body.length > 0 ? chunk(body) : body, Buffer.from(end)]));
  else socket.write(Buffer.concat([body.length > 0 ? chunk(body) : body, Buffer.from(end)]));
}

/** Calls of several tools against a server whose answers are random; the same ones for the same seed. */
export async function runRandomAnswers({
  calls,
  seed,
  concurrency = 12,
  timeoutMs = 400,
}: {
  calls: number;
  seed: number;
  concurrency?: number;
  timeoutMs?: number;
}): Promise<Findings> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    let seen = "";
    socket.on("data", (data) => {
      seen += data.toString("latin1");
      for (let end = seen.indexOf("\r\n\r\n"); end >= 0; end = seen.indexOf("\r\n\r\n")) {
        const head = seen.slice(0, end);
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        if (seen.length < end + 4 + length) return;
        seen = seen.slice(end + 4 + length);
        const number = /\/projects\/(\d+)/.exec(head)?.[1];
        if (number === undefined) socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        else answer(socket, seeded(seed * 1_000_003 + Number(number)), head);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl } },
    limits: { perAccount: concurrency, perInstance: concurrency, longestWaitMs: 50 },
    lookups: false,
    maxResponseBytes: 1024 * 1024,
  });
  // An account that GitLab calls revoked, or limits for an hour, has an heir.
  let heirs = 0;
  let identifier = "";
  const connect = async (): Promise<void> => {
    const next = `heir_${(heirs += 1)}`;
    await gitlab.connectWithToken({ identifier: next, token });
    identifier = next;
  };
  await connect();

  const wrong: string[] = [];
  const note = (what: string): void => void (wrong.length < 10 && wrong.push(what.slice(0, 1500)));
  const outcomes: Record<string, number> = {};
  let mostLateMs = 0;
  const uncaught = (error: unknown): void => note(`uncaught: ${inspect(error)}`);
  process.on("uncaughtException", uncaught).on("unhandledRejection", uncaught);
  const inputs = (id: number): readonly [string, object][] => [
    ["gitlab_issue_get", { project_id: id, issue_iid: 1 }],
    ["gitlab_issues_list", { project_id: id }],
    ["gitlab_issue_create", { project_id: id, title: "x" }],
    ["gitlab_file_get", { project_id: id, file_path: "a", ref: "main" }],
    ["gitlab_job_log_get", { project_id: id, job_id: 1, tail_lines: 3 }],
    ["gitlab_job_artifacts_download", { project_id: id, job_id: 1 }],
    ["gitlab_branch_delete", { project_id: id, branch: "b" }],
  ];
  const one = async (id: number): Promise<void> => {
    const tools = inputs(id);
    const [toolName, toolInput] = tools[id % tools.length] ?? ["", {}];
    const began = performance.now();
    const outcome: unknown = await gitlab
      .executeTool({ identifier, toolName, toolInput, timeoutMs, view: id % 2 ? "compact" : "full" })
      .catch((error: unknown) => error);
    mostLateMs = Math.max(mostLateMs, performance.now() - began - timeoutMs);
    if (outcome instanceof Error && !(outcome instanceof GitLabToolError)) note(`${id}: ${inspect(outcome)}`);
    const code = outcome instanceof GitLabToolError ? outcome.code : "ok";
    outcomes[code] = (outcomes[code] ?? 0) + 1;
    if (/^(?:account_|rate_limited)/.test(code)) await connect();
    // What GitLab itself sends as data is data; errors are ours.
    if (outcome instanceof Error && inspect(outcome, { depth: 20, showHidden: true }).includes(token))
      note(`${id}: the token shows`);
    if (outcome instanceof Error && outcome.message.includes("inside this library"))
      note(`${id}: internal: ${inspect(outcome)}`);
  };
  const before = process.memoryUsage().heapUsed;
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= calls) await one(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  // What is raised outside any promise comes a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("uncaughtException", uncaught).off("unhandledRejection", uncaught);
  if ("polluted" in {}) note("Object.prototype was changed");
  await gitlab.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return { calls, outcomes, wrong, mostLateMs, heapGrowthMiB: (process.memoryUsage().heapUsed - before) / 2 ** 20 };
}

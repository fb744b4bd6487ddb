import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createGitLab } from "gitlab-agent-tools";
import { issueGet, issuesList, jobArtifactsDownload, projectGet } from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { attacked, caught, head } from "../support/attacked.js";
import { token } from "../support/server.js";

const once = { limits: { attempts: 1 } };
const chunked = { "Transfer-Encoding": "chunked" };
const say = (body: string): string => `${head({ "Content-Length": Buffer.byteLength(body) })}${body}`;
const list = (account: Parameters<typeof issuesList>[0]) => issuesList(account, { project_id: 1 });
const failed = (call: Promise<unknown>) => call.then(() => undefined, caught);

test("interim responses before the final one are passed over", async () => {
  const account = await attacked((socket) => {
    socket.write(head({ Link: "</style.css>; rel=preload", "Content-Length": 2 }, "103 Early Hints"));
    socket.write(head({ "Content-Encoding": "gzip" }, "102 Processing").repeat(20));
    socket.write(say('[{"iid":1}]'));
  });
  expect((await list(account)).data).toEqual([{ iid: 1 }]);
});

describe("a body in chunks of one byte", () => {
  const pieces = (body: string): string => [...body].map((byte) => `1\r\n${byte}\r\n`).join("");
  const end = "0\r\n\r\n";

  test("is read whole", async () => {
    const items = Array.from({ length: 3000 }, (_, at) => ({ iid: at, title: "x".repeat(20) }));
    const account = await attacked((socket) => socket.write(head(chunked) + pieces(JSON.stringify(items)) + end));
    expect((await list(account)).data).toEqual(items);
  });

  test("ends at the limit, and the connection with it", async () => {
    const closed: Promise<unknown>[] = [];
    const account = await attacked(
      (socket) => {
        closed.push(new Promise((resolve) => socket.once("close", resolve)));
        socket.write(head(chunked) + pieces("[".repeat(5000)));
      },
      { maxResponseBytes: 4096 },
    );
    expect(await failed(list(account))).toMatchObject({ code: "response_too_large" });
    await Promise.all(closed);
  });
});

describe("a body that is not as long as its head says", () => {
  test("longer: what comes behind it is no answer to the next request", async () => {
    const account = await attacked((socket, request) => {
      if (request.includes("/issues/1 ")) socket.write(say('{"iid":1}') + say('{"iid":666}'));
      else socket.write(say('{"iid":2}'));
    });
    expect((await issueGet(account, { project_id: 1, issue_iid: 1 })).data).toMatchObject({ iid: 1 });
    expect((await issueGet(account, { project_id: 1, issue_iid: 2 })).data).toMatchObject({ iid: 2 });
  });

  test("shorter, and the connection ends: the answer is not taken for whole", async () => {
    const account = await attacked((socket) => socket.end(`${head({ "Content-Length": 100 })}[]`), once);
    expect(await failed(list(account))).toMatchObject({ code: "network_error", retryable: true });
  });

  test("shorter, in chunks without the last: the same", async () => {
    const account = await attacked((socket) => socket.end(`${head(chunked)}2\r\n[]\r\n`), once);
    expect(await failed(list(account))).toMatchObject({ code: "network_error", retryable: true });
  });

  for (const [what, headers] of Object.entries({
    "two lengths": "Content-Length: 2\r\nContent-Length: 11\r\n",
    "a length and chunks": "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
    "a length that is none": "Content-Length: -1\r\n",
    "a length beyond all numbers": "Content-Length: 99999999999999999999999\r\n",
  })) {
    test(`${what}: refused, and the next answer is the next one's`, async () => {
      let attacks = true;
      const account = await attacked((socket) => {
        socket.write(attacks ? `HTTP/1.1 200 OK\r\n${headers}\r\n[{"iid":666}]` : say("[]"));
      }, once);
      expect(await failed(list(account))).toBeInstanceOf(Error);
      attacks = false;
      expect((await list(account)).data).toEqual([]);
    });
  }
});

describe("a connection", () => {
  test("is kept after a short body that nobody wants, and not after one that goes on", async () => {
    const closed = new Set<Socket>();
    const used: Socket[] = [];
    const lastClosed: Promise<unknown>[] = [];
    let closedBefore: number | undefined;
    const refusals = [
      say("x".repeat(2000)).replace("200 OK", "503 Busy"),
      `${head({ "Content-Length": 10_000 }, "503 Busy")}${"x".repeat(5000)}`,
      head(chunked, "503 Busy"),
    ];
    const account = await attacked(
      (socket) => {
        socket.once("close", () => closed.add(socket));
        const refusal = refusals[used.push(socket) - 1];
        if (used.length === 3) {
          closedBefore = closed.size;
          lastClosed.push(new Promise((resolve) => socket.once("close", resolve)));
        }
        socket.write(refusal ?? say("[]"));
        if (used.length === 2) setImmediate(() => socket.write("x".repeat(5000)));
      },
      { limits: { attempts: 5 }, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    );
    expect((await list(account)).data).toEqual([]);
    await Promise.all(lastClosed);
    expect(closedBefore).toBe(0);
    expect(used).toHaveLength(4);
    expect(used[3]).not.toBe(used[2]);
  });

  test("ends where the rest of a short body that nobody wants does not come", async () => {
    const closed: Promise<unknown>[] = [];
    const account = await attacked(
      (socket) => {
        if (closed.length > 0) return void socket.write(say("[]"));
        closed.push(new Promise((resolve) => socket.once("close", resolve)));
        socket.write(`${head({ "Content-Length": 10_000 }, "503 Busy")}x`);
      },
      { sleep: () => Promise.resolve() },
    );
    expect((await list(account)).data).toEqual([]);
    await Promise.all(closed);
  });

  test("does not outlive an answer that is larger than may be held", async () => {
    const used: Socket[] = [];
    const closed: Promise<unknown>[] = [];
    const account = await attacked(
      (socket) => {
        closed.push(new Promise((resolve) => socket.once("close", resolve)));
        if (used.push(socket) === 1) socket.write(`${head({ "Content-Length": 100_000 })}[`);
        else socket.write(say("[]"));
      },
      { maxResponseBytes: 50_000 },
    );
    expect(await failed(list(account))).toMatchObject({ code: "response_too_large" });
    await closed[0];
    expect((await list(account)).data).toEqual([]);
    expect(used[1]).not.toBe(used[0]);
  });

  test("that is aborted within a body takes nothing along", async () => {
    const stop = new AbortController();
    const closed: Promise<unknown>[] = [];
    const account = await attacked((socket, request) => {
      if (!request.includes("/issues/1 ")) return void socket.write(say('{"iid":2}'));
      closed.push(new Promise((resolve) => socket.once("close", resolve)));
      socket.write(`${head({ "Content-Length": 1000 })}{"iid":`);
      setImmediate(() => stop.abort());
    });
    const issue = { project_id: 1, issue_iid: 1 };
    const [aborted, other] = await Promise.all([
      failed(issueGet(account, issue, { signal: stop.signal })),
      issueGet(account, { ...issue, issue_iid: 2 }),
    ]);
    expect(aborted).toMatchObject({ code: "aborted" });
    expect(other.data).toMatchObject({ iid: 2 });
    await Promise.all(closed);
  });
});

describe("a long download", () => {
  const bytes = randomBytes(6_000_000);
  const sum = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");
  const bodies = {
    "of a known length": [head({ "Content-Length": bytes.length }), bytes],
    "of an unknown length": [
      head(chunked),
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n0\r\n\r\n")]),
    ],
    "in gzip": [head({ "Content-Encoding": "gzip", "Content-Length": gzipSync(bytes).length }), gzipSync(bytes)],
  } as const;
  for (const [what, [top, body]] of Object.entries(bodies)) {
    test(`${what} comes whole, into a file and into memory`, async () => {
      const account = await attacked((socket) => void (socket.write(top), socket.write(body)));
      const saved = join(await mkdtemp(join(tmpdir(), "hostile-")), "a.zip");
      await jobArtifactsDownload(account, { project_id: 1, job_id: 1, save_to: saved });
      expect(sum(await readFile(saved))).toBe(sum(bytes));
      const { data } = await jobArtifactsDownload(account, { project_id: 1, job_id: 1 });
      expect(sum(Buffer.from(data.content ?? "", "base64"))).toBe(sum(bytes));
    });
  }
});

describe("a short body that is encoded", () => {
  test("is read whole where it becomes long", async () => {
    const title = "x".repeat(3_000_000);
    const body = gzipSync(JSON.stringify({ iid: 1, title }));
    const account = await attacked((socket) => {
      socket.write(head({ "Content-Encoding": "gzip", "Content-Length": body.length }));
      socket.write(body);
    });
    const { data } = await issueGet(account, { project_id: 1, issue_iid: 1 });
    expect(data.title).toBe(title);
  });

  test.each(["constructor", "__proto__", "toString, gzip", "zstd"])("as %s is refused", async (encoding) => {
    const account = await attacked((socket) => {
      socket.write(head({ "Content-Encoding": encoding, "Content-Length": 2 }));
      socket.write("[]");
    }, once);
    expect(await failed(list(account))).toMatchObject({ code: "gitlab_unavailable" });
  });
});

describe("an input with line breaks", () => {
  test("adds no header and no request", async () => {
    const requests: string[] = [];
    const account = await attacked((socket, request) => {
      requests.push(request);
      socket.write(say("[]"));
    });
    const breaks = "x\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1\r\n\r\n";
    await failed(issuesList(account, { project_id: breaks, search: breaks, labels: [breaks] }));
    await failed(projectGet(account, { project_id: `a/${breaks}` }));
    await failed(account.request({ method: "GET", path: `/projects/${breaks}`, query: { [breaks]: breaks } }));
    await failed(account.request({ method: "GET\r\nX-Evil: 1" as "GET", path: "/projects" }));
    for (const request of requests) {
      expect(request).toMatch(/^GET \/api\/v4\/\S+ HTTP\/1\.1\r\n/);
      expect(request).not.toMatch(/^(?:X-Evil|GET \/evil)/m);
    }
  });

  test("a token with them is refused, and not shown", async () => {
    const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: "http://127.0.0.1:9" } } });
    const error = await failed(gitlab.connectWithToken({ identifier: "ada", token: `${token}\r\nX-Evil: 1` }));
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify(error) + String(error)).not.toContain(token);
    await gitlab.close();
  });
});

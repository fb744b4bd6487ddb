import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { createGitLab } from "gitlab-agent-tools";
import { issueGet, issuesList } from "gitlab-agent-tools/tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { attacked, caught, head } from "../support/attacked.js";
import { token } from "../support/server.js";

test("an answer that is encoded six times and cut short ends the call, not the process", async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on("uncaughtException", note).on("unhandledRejection", note);
  onTestFinished(() => void process.off("uncaughtException", note).off("unhandledRejection", note));
  const account = await attacked(
    (socket) => {
      const encoding = "gzip, gzip, gzip, gzip, gzip, gzip";
      socket.write(head({ "Content-Encoding": encoding, "Content-Length": 5000 }));
      socket.end(gzipSync("{}"));
    },
    { limits: { attempts: 1 } },
  );
  const error = await issueGet(account, { project_id: 1, issue_iid: 1 }).then(() => undefined, caught);
  expect(error).toMatchObject({ code: "gitlab_unavailable" });
  expect(error?.message).toContain("gzip, gzip, gzip");
  await new Promise((resolve) => setImmediate(resolve));
  expect(uncaught).toEqual([]);
});

describe("a damaged compressed answer", () => {
  const body = Buffer.from(JSON.stringify({ iid: 1, title: "x".repeat(4000) }));
  const encodings = { gzip: gzipSync(body), br: brotliCompressSync(body), deflate: deflateSync(body) };
  const damages = {
    "made of noise": (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a)),
    "cut short": (bytes: Buffer) => bytes.subarray(0, bytes.length - 6),
    "that is no compression at all": () => Buffer.from("<html>502</html>"),
  };
  for (const [encoding, bytes] of Object.entries(encodings)) {
    for (const [how, damage] of Object.entries(damages)) {
      test(`${encoding} ${how} is an error that says so`, async () => {
        const damaged = damage(bytes);
        const account = await attacked(
          (socket) => {
            socket.write(head({ "Content-Encoding": encoding, "Content-Length": damaged.length }));
            socket.write(damaged);
          },
          { limits: { attempts: 1 } },
        );
        const error = await issueGet(account, { project_id: 1, issue_iid: 1 }).then(() => undefined, caught);
        expect(error).toMatchObject({ code: "network_error", retryable: true });
        expect(error?.message).toContain("cannot be unpacked");
      });
    }
  }

  test("takes no place away from later calls", async () => {
    let healthy = false;
    const account = await attacked(
      (socket) => {
        if (healthy) socket.write(`${head({ "Content-Length": 2 })}[]`);
        else socket.write(head({ "Content-Encoding": "gzip", "Content-Length": 4000 })).toString();
      },
      { limits: { perAccount: 2, attempts: 1 } },
    );
    const lost = Array.from({ length: 6 }, () =>
      issuesList(account, { project_id: 1 }, { timeoutMs: 60 }).then(() => undefined, caught),
    );
    for (const error of await Promise.all(lost)) expect(error).toMatchObject({ code: "timeout" });
    healthy = true;
    expect((await issuesList(account, { project_id: 1 })).data).toEqual([]);
  });

  test("is read whole where nothing is wrong with it, also encoded twice", async () => {
    const twice = brotliCompressSync(gzipSync(body));
    const account = await attacked((socket) => {
      socket.write(head({ "Content-Encoding": "gzip, br", "Content-Length": twice.length }));
      socket.write(twice);
    });
    expect((await issueGet(account, { project_id: 1, issue_iid: 1 })).data).toMatchObject({ iid: 1 });
  });

  test("that unpacks to more than may be held stops at the limit", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const account = await attacked(
      (socket) => {
        socket.write(head({ "Content-Encoding": "gzip", "Content-Length": bomb.length }));
        socket.write(bomb);
      },
      { maxResponseBytes: 100_000 },
    );
    const error = await issueGet(account, { project_id: 1, issue_iid: 1 }).then(() => undefined, caught);
    expect(error).toMatchObject({ code: "response_too_large" });
  });
});

describe("an answer that is nested without end", () => {
  const policies = { "secrets are hidden": { secrets: "mask" }, "texts are marked": { untrusted: "wrap" } } as const;
  // What a stack holds, and what none does.
  for (const depth of [1000, 100_000]) {
    const lists = "[".repeat(depth) + "]".repeat(depth);
    const fields = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const bodies = { lists, fields, "an issue's fields": `{"iid":1,"description":${lists},"labels":${fields}}` };
    for (const [kind, body] of Object.entries(bodies)) {
      for (const [where, policy] of Object.entries(policies)) {
        test(`as ${kind}, ${depth} deep, is said to be where ${where}`, async () => {
          const account = await attacked((socket) => {
            socket.write(head({ "Content-Type": "application/json", "Content-Length": body.length }));
            socket.write(body);
          });
          const issue = { project_id: 1, issue_iid: 1 };
          const error = await issueGet(account, issue, { policy, view: "full" }).then(() => undefined, caught);
          expect(error).toMatchObject({ code: "gitlab_unavailable", status: 200 });
          expect(error?.message).toContain("nested more deeply");
          // The compact view may have nothing to do with the field that is deep.
          await issueGet(account, issue, { policy, view: "compact" }).catch(caught);
        });
      }
    }
  }
});

test("an answer that breaks HTTP and repeats the request shows no token, however the error is looked at", async () => {
  const account = await attacked((socket, request) => socket.end(`${request}\r\n\r\n`), { limits: { attempts: 1 } });
  const error = await issueGet(account, { project_id: 1, issue_iid: 1 }).then(() => undefined, caught);
  expect(error).toMatchObject({ code: "network_error", retryable: true });
  expect(error?.cause).toBeInstanceOf(Error);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(token);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("glpat-");
});

test("a token endpoint whose page is wrongly marked as gzip leaves the account as it was, and the client closes", async () => {
  let refreshes = 0;
  const redirectUri = "https://app.example/callback";
  const clock = { now: Date.parse("2026-01-01T00:00:00Z") };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("data", (data) => {
      const request = data.toString("latin1");
      const say = (body: string): void =>
        void socket.write(`${head({ "Content-Length": body.length, "Content-Type": "application/json" })}${body}`);
      if (request.includes("grant_type=authorization_code"))
        say(
          JSON.stringify({
            access_token: "first",
            refresh_token: "r1",
            token_type: "bearer",
            expires_in: 60,
            scope: "api",
          }),
        );
      else if (request.includes("grant_type=refresh_token")) {
        refreshes += 1;
        if (refreshes === 1)
          socket.write(
            `${head({ "Content-Encoding": "gzip", "Content-Length": 20 }, "502 Bad Gateway")}<html>bad gateway</html`,
          );
        else
          say(
            JSON.stringify({
              access_token: "second",
              refresh_token: "r2",
              token_type: "bearer",
              expires_in: 7200,
              scope: "api",
            }),
          );
      } else if (request.includes("/user ")) say(JSON.stringify({ id: 1, username: "ada" }));
      else say("[]");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gitlab = createGitLab({
    store: "memory:",
    connections: { gitlab: { baseUrl, clientId: "c", clientSecret: "s", redirectUri, scopes: ["api"] } },
    now: () => clock.now,
    sleep: () => Promise.resolve(),
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { link } = await gitlab.actions.getAuthorizationLink({ identifier: "ada" });
  const state = new URL(link).searchParams.get("state") ?? "";
  await gitlab.handleCallback(`${redirectUri}?code=abc&state=${encodeURIComponent(state)}`);
  clock.now += 3_600_000;
  expect((await issuesList(gitlab.as("ada"), { project_id: 1 })).data).toEqual([]);
  expect(refreshes).toBe(2);
  await gitlab.close();
});

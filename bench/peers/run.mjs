// The built package beside its peers, in a process that runs nothing else: no compiler's hooks, no server.
import { on } from "node:events";
import { createGitLab } from "../../dist/src/index.js";
import { issuesList } from "../../dist/src/tools.js";

const { baseUrl, store, task } = JSON.parse(process.argv[2]);
const token = "glpat-bench";
const input = { project_id: "acme/app", state: "opened", per_page: 20 };
const gitlab = createGitLab({
  connections: { gitlab: { baseUrl } },
  store,
  encryptionKey: Buffer.alloc(32, 1).toString("base64"),
  limits: { perInstance: 1000 },
});

const url = `${baseUrl}/api/v4/projects/acme%2Fapp/issues?state=opened&per_page=20`;
const headers = { authorization: `Bearer ${token}` };

const ways = {
  "fetch and JSON.parse": () => async () => JSON.parse(await (await fetch(url, { headers })).text()),
  "openapi-fetch": async () => {
    const { default: createClient } = await import("openapi-fetch");
    const client = createClient({ baseUrl, headers });
    const params = { path: { id: "acme/app" }, query: { state: "opened", per_page: 20 } };
    return () => client.GET("/api/v4/projects/{id}/issues", { params });
  },
  "@gitbeaker/rest": async () => (await import("./gitbeaker.mjs")).list(baseUrl, token),
  issuesList: async () => {
    await gitlab.connectWithToken({ identifier: "ada", token });
    const account = gitlab.as("ada");
    return () => issuesList(account, input);
  },
  "issuesList, compact": async () => {
    await gitlab.connectWithToken({ identifier: "ada", token });
    const account = gitlab.as("ada");
    return () => issuesList(account, input, { view: "compact" });
  },
};

/** One way of calling, warm; a round whenever the parent asks for one. */
async function inRounds({ way, calls, atOnce }) {
  const call = await ways[way]();
  const round = async () => {
    const began = performance.now();
    const used = process.cpuUsage();
    await inTurns(calls, atOnce, call);
    const { user, system } = process.cpuUsage(used);
    process.send({ wall: (performance.now() - began) / calls, cpu: (user + system) / 1000 / calls });
  };
  await inTurns(10 * calls, atOnce, call);
  process.send("ready");
  for await (const [message] of on(process, "message")) {
    if (message !== "round") return;
    await round();
  }
}

const heap = () => {
  for (let turn = 0; turn < 4; turn += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
};

async function inTurns(count, atOnce, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Everybody's calls: how many a second, how long the slowest in a hundred takes, what an account in memory weighs. */
async function crowd({ accounts, calls, atOnce }) {
  const name = (at) => `user_${at % accounts}`;
  await inTurns(accounts, 16, (at) => gitlab.connectWithToken({ identifier: name(at), token }));
  await inTurns(50, 1, (at) => issuesList(gitlab.as(name(at)), input));
  const before = heap();
  await inTurns(accounts, 16, (at) => issuesList(gitlab.as(name(at)), input));
  const bytesAnAccount = (heap() - before) / (accounts - 50);
  const levels = [];
  for (const level of atOnce) {
    const times = [];
    const began = performance.now();
    const used = process.cpuUsage();
    await inTurns(calls, level, async (at) => {
      const from = performance.now();
      await issuesList(gitlab.as(name(at)), input);
      times.push(performance.now() - from);
    });
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(used);
    times.sort((a, b) => a - b);
    levels.push({
      atOnce: level,
      aSecond: calls / seconds,
      p99: times[Math.floor(times.length * 0.99)],
      cpu: (user + system) / 1000 / calls,
    });
  }
  return { levels, bytesAnAccount };
}

if (task.name === "crowd") process.send(await crowd(task));
else await inRounds(task);
await gitlab.close();
process.disconnect();

import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import createClient from "openapi-fetch";
import { createGitLab } from "gitlab-agent-tools";
import { issuesList } from "gitlab-agent-tools/tools";
import type { paths } from "../generated/openapi.js";
import { median } from "./answers.js";
import { printTable } from "./table.js";

const rounds = 9;
const callsARound = 30;
const token = "glpat-bench";

type Way = () => Promise<unknown>;

/**
 * What a call through this library costs beside a bare fetch and its peers: the same list of 20 issues, from a server
 * in a process of its own; rounds take turns, so that a busy machine is busy for all of them.
 */
export async function benchCalls(): Promise<void> {
  const server = fork(new URL("./peers/server.mjs", import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), "bench-calls-"));
  const [port] = (await once(server, "message")) as [number];
  const baseUrl = `http://127.0.0.1:${port}`;
  const gitlab = createGitLab({
    connections: { gitlab: { baseUrl } },
    store: `sqlite:${join(folder, "accounts.db")}`,
    encryptionKey: randomBytes(32).toString("base64"),
  });
  try {
    await gitlab.connectWithToken({ identifier: "ada", token });
    const account = gitlab.as("ada");
    const headers = { authorization: `Bearer ${token}` };
    const client = createClient<paths>({ baseUrl, headers });
    const input = { project_id: "acme/app", state: "opened", per_page: 20 } as const;
    const gitbeaker = await peer(baseUrl);
    const ways: Record<string, Way> = {
      "fetch and JSON.parse": async () => {
        const answer = await fetch(`${baseUrl}/api/v4/projects/acme%2Fapp/issues?state=opened&per_page=20`, {
          headers,
        });
        return JSON.parse(await answer.text()) as unknown;
      },
      "openapi-fetch": async () =>
        await client.GET("/api/v4/projects/{id}/issues", {
          params: { path: { id: "acme/app" }, query: { state: "opened", per_page: 20 } },
        }),
      ...(gitbeaker && { "@gitbeaker/rest": gitbeaker }),
      issuesList: async () => await issuesList(account, input),
      "issuesList, compact": async () => await issuesList(account, input, { view: "compact" }),
    };
    for (const way of Object.values(ways)) for (let call = 0; call < callsARound; call += 1) await way();
    const wall: Record<string, number[]> = {};
    const cpu: Record<string, number[]> = {};
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, way] of Object.entries(ways)) {
        const began = performance.now();
        const used = process.cpuUsage();
        for (let call = 0; call < callsARound; call += 1) await way();
        const { user, system } = process.cpuUsage(used);
        (wall[name] ??= []).push((performance.now() - began) / callsARound);
        (cpu[name] ??= []).push((user + system) / 1000 / callsARound);
      }
    }
    const [plain = "", ...others] = Object.keys(ways);
    const ratio = (of: Record<string, number[]>, name: string): string =>
      `${median((of[name] ?? []).map((each, round) => each / (of[plain]?.[round] ?? each))).toFixed(2)}×`;
    printTable(
      `Calls, one after the other (medians of ${rounds} rounds of ${callsARound}; bar: issuesList at most 1.00× of fetch)`,
      ["how", "ms", "to fetch", "ms of CPU", "to fetch"],
      [plain, ...others].map((name) => [
        name,
        median(wall[name] ?? []).toFixed(3),
        ratio(wall, name),
        median(cpu[name] ?? []).toFixed(3),
        ratio(cpu, name),
      ]),
    );
    if (!gitbeaker) console.log("\n@gitbeaker/rest is not installed: npm install in bench/peers");
  } finally {
    await gitlab.close();
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function peer(baseUrl: string): Promise<Way | undefined> {
  // Not a literal: the root's types do not know of peers.
  const module = "./peers/gitbeaker.mjs";
  const found = (await import(module).catch(() => undefined)) as
    { list(baseUrl: string, token: string): Way } | undefined;
  return found?.list(baseUrl, token);
}

import createClient from "openapi-fetch";
import { issuesList } from "gitlab-agent-tools/tools";
import type { paths } from "../generated/openapi.js";
import { printTable, times } from "./table.js";
import { createWorld } from "./world.js";

const rounds = 7;
const callsARound = 60;

/** What a call through this library costs beside openapi-fetch and bare fetch, against the same server. */
export async function benchCalls(): Promise<void> {
  const { emulator, gitlab, identifier, close } = await createWorld();
  const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  const headers = { authorization: `Bearer ${token}` };
  const client = createClient<paths>({ baseUrl: emulator.baseUrl, headers });
  const account = gitlab.as(identifier);
  const ways: Record<string, () => Promise<unknown>> = {
    "fetch and JSON.parse": async () => {
      const answer = await fetch(`${emulator.baseUrl}/api/v4/projects/acme%2Fapp/issues?state=opened&per_page=20`, {
        headers,
      });
      return answer.json();
    },
    "openapi-fetch": async () =>
      (
        await client.GET("/api/v4/projects/{id}/issues", {
          params: { path: { id: "acme/app" }, query: { state: "opened", per_page: 20 } },
        })
      ).data,
    issuesList: async () => (await issuesList(account, { project_id: "acme/app", state: "opened", per_page: 20 })).data,
    "issuesList, compact": async () =>
      (await issuesList(account, { project_id: "acme/app", state: "opened", per_page: 20 }, { view: "compact" })).data,
    "issuesList, dry run": async () =>
      (await issuesList(account, { project_id: "acme/app", state: "opened", per_page: 20 }, { dryRun: true })).data,
  };
  try {
    const best = new Map<string, number>();
    // Rounds take turns, so that a busy machine is busy for all of them; the best round is the least disturbed.
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, call] of Object.entries(ways)) {
        const began = performance.now();
        for (let count = 0; count < callsARound; count += 1) await call();
        const each = (performance.now() - began) / callsARound;
        best.set(name, Math.min(each, best.get(name) ?? Infinity));
      }
    }
    const plain = best.get("openapi-fetch") ?? 1;
    printTable(
      `Calls, one after the other, of the same list on a local server (best of ${rounds} rounds of ${callsARound})`,
      ["how", "ms a call", "to openapi-fetch"],
      [...best].map(([name, each]) => [name, each.toFixed(2), times(each / plain)]),
    );
  } finally {
    await close();
  }
}

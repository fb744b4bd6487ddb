import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { issueCreate } from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKey } from "../support/accounts.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import { buildReplica, Replica } from "../support/replicas.js";

const refused = /has read what not everybody can read/;

let postgres: TestPostgres;
let emulator: GitLabEmulator;

beforeAll(async () => {
  [postgres, emulator] = await Promise.all([startPostgres(), createGitLabEmulator()]);
});
afterAll(async () => {
  await emulator.close();
  await postgres.stop();
});

test("on PostgreSQL, what one process has read in a private project no other process writes to a public one", async () => {
  const identifier = "ada";
  const options = {
    store: await postgres.createDatabase(),
    encryptionKey: newKey(),
    connections: { gitlab: { baseUrl: emulator.baseUrl } },
  };
  const unguarded = createGitLab(options);
  await unguarded.connectWithToken({ identifier, token: emulator.tokens.create({ username: "ada", scopes: ["api"] }) });
  const ada = unguarded.as(identifier);
  const secret = { project_id: "ada/notes" };
  const { iid } = (await issueCreate(ada, { ...secret, title: "Launch", description: "On Friday." })).data;
  const open = { project_id: "acme/website" };
  const { iid: openIid } = (await issueCreate(ada, { ...open, title: "Typo" })).data;
  await unguarded.close();

  const script = await buildReplica();
  const replicas = Array.from(
    { length: 2 },
    () => new Replica(script, { ...options, policy: { visibility: "guard" } }),
  );
  const [one, two] = replicas as [Replica, Replica];
  const read = (replica: Replica, conversation: string): Promise<unknown> =>
    replica.do("run", {
      ...{ identifier, conversation, toolName: "gitlab_issue_get", toolInput: { ...secret, issue_iid: iid } },
    });
  const write = (replica: Replica, conversation: string): Promise<unknown> =>
    replica.do("run", {
      ...{ identifier, conversation, toolName: "gitlab_issue_note_create" },
      toolInput: { ...open, issue_iid: openIid, body: "See you on Friday." },
    });
  try {
    expect(await write(two, "chat 1")).toBe(201);
    await read(one, "chat 1");
    await expect(write(two, "chat 1")).rejects.toThrow(refused);
    await expect(write(one, "chat 1")).rejects.toThrow(refused);
    expect(await write(two, "chat 2")).toBe(201);

    // Readers of many conversations at once, each of which the other process has to know of at once.
    const chats = Array.from({ length: 10 }, (_, index) => `many ${index}`);
    const ends = await Promise.all(
      chats.map(async (chat, index) => {
        const [reader, writer] = index % 2 === 0 ? [one, two] : [two, one];
        await read(reader, chat);
        return await write(writer, chat).catch(String);
      }),
    );
    for (const end of ends) expect(end).toMatch(refused);

    // The process that read it is gone; what it read is still known.
    await one.kill();
    await expect(write(two, "chat 1")).rejects.toThrow(refused);
  } finally {
    await Promise.all(replicas.map((replica) => replica.kill()));
  }
});

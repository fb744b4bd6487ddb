import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { expect, onTestFinished, test, vi } from "vitest";
import { emulatorCommand } from "../../src/cli/emulator.js";
import { runEmulator } from "../../src/cli/emulator-run.js";
import { UsageError } from "../../src/cli/output.js";

test("the emulator says where it is, who there is and with which tokens, and answers until it is stopped", async () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  let answer: unknown;
  let version: unknown;
  const used = async (): Promise<void> => {
    while (written.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const facts = JSON.parse(written.join("")) as { baseUrl: string; users: { username: string; token: string }[] };
    const ada = facts.users.find(({ username }) => username === "ada");
    const headers = { "private-token": ada?.token ?? "" };
    answer = await (await fetch(`${facts.baseUrl}/api/v4/user`, { headers })).json();
    version = await (await fetch(`${facts.baseUrl}/api/v4/version`, { headers })).json();
  };
  const flags = {
    plan: "premium",
    version: "18.4.1-ee",
    instance: "self-managed",
    redirectUri: "http://127.0.0.1:1/callback",
    json: true,
  } as const;
  await runEmulator(flags, used());
  write.mockRestore();
  expect(answer).toMatchObject({ username: "ada" });
  expect(version).toMatchObject({ version: "18.4.1-ee" });
});

test("a seed that cannot be read is said before anything starts", async () => {
  const flags = {
    plan: "free",
    instance: "gitlab.com",
    redirectUri: "http://127.0.0.1:1/callback",
    seed: "/none.yaml",
  } as const;
  await expect(runEmulator(flags, Promise.resolve())).rejects.toThrow("/none.yaml cannot be read");
});

/** A port that nothing listens on; rejects where the wanted one is taken. */
async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test.each([
  ["user: []", 'A seed has users, groups, projects and resources, no "user".'],
  ["users: ada", "users of the seed has to be a list of maps."],
  ["users: [{ name: Ada }]", "users[0] of the seed needs a username."],
  ["users: [{ username: ada }, { username: ada }]", 'The emulator already has a user "ada"'],
  ["projects: [{ path: web }]", 'projects[0] of the seed needs a path with its group or user, such as "shop/web".'],
  ["projects: [{ path: a/b, issues: [{ author: ada }] }]", "projects[0].issues[0] of the seed needs a title."],
  [
    "projects: [{ path: a/b, issues: [{ title: x, author: eve }] }]",
    'The seed names "eve", who is not among its users',
  ],
  ["users: [", "is no YAML"],
  ["[]", "is no map of users, groups and projects"],
])("a seed that says %s is refused by its place, and nothing is left running", async (text, reason) => {
  const folder = await mkdtemp(join(tmpdir(), "seed-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const seed = join(folder, "seed.yaml");
  await writeFile(seed, text);
  const port = await freePort();
  const redirectUri = "http://127.0.0.1:1/callback";
  const flags = { plan: "free", instance: "self-managed", redirectUri, seed, port } as const;
  const refused = runEmulator(flags, Promise.resolve());
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(reason);
  expect(await freePort(port)).toBe(port);
});

test("emulator --version is its own: the version of GitLab that it says it is", () => {
  const emulator = emulatorCommand().exitOverride();
  const program = new Command().version("0.0.1").enablePositionalOptions().exitOverride().addCommand(emulator);
  let flags: unknown;
  emulator.action((given) => {
    flags = given;
  });
  program.parse(["node", "gitlab-agent-tools", "emulator", "--version", "18.4.1-ee"]);
  expect(flags).toMatchObject({ version: "18.4.1-ee" });
});

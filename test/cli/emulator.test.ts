import { Command } from "commander";
import { expect, test, vi } from "vitest";
import { emulatorCommand } from "../../src/cli/emulator.js";
import { runEmulator } from "../../src/cli/emulator-run.js";

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

import { expect, test, vi } from "vitest";
import { runEmulator } from "../../src/cli/emulator-run.js";

test("the emulator says where it is, who there is and with which tokens, and answers until it is stopped", async () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  let answer: unknown;
  const used = async (): Promise<void> => {
    while (written.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const facts = JSON.parse(written.join("")) as { baseUrl: string; users: { username: string; token: string }[] };
    const ada = facts.users.find(({ username }) => username === "ada");
    const headers = { "private-token": ada?.token ?? "" };
    answer = await (await fetch(`${facts.baseUrl}/api/v4/user`, { headers })).json();
  };
  const flags = {
    plan: "premium",
    instance: "self-managed",
    redirectUri: "http://127.0.0.1:1/callback",
    json: true,
  } as const;
  await runEmulator(flags, used());
  write.mockRestore();
  expect(answer).toMatchObject({ username: "ada" });
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

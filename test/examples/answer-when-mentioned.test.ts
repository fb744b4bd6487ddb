import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { createSigningToken, toNodeHandler } from "gitlab-agent-tools/webhooks";
import { answerWhenMentioned } from "../../examples/answer-when-mentioned/answer-when-mentioned.js";

test("an agent answers with the account of whoever is mentioned, and not itself", async () => {
  const emulator = await createGitLabEmulator();
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
  const signingToken = createSigningToken();
  const receiver = answerWhenMentioned(gitlab, signingToken, (comment, { title }) =>
    Promise.resolve(`@ada, about ${title}: ${comment.length} characters.`),
  );
  const handle = toNodeHandler(receiver);
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await gitlab.close();
    await emulator.close();
    await new Promise((resolve) => server.close(resolve));
  });
  for (const username of ["ada", "ben"]) {
    await gitlab.connectWithToken({
      identifier: username,
      token: emulator.tokens.create({ username, scopes: ["api"] }),
    });
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  emulator.hooks.add({ of: "acme/app", url, signingToken });
  const input = { project_id: "acme/app", issue_iid: 1 };
  const comment = { ...input, body: "@ben can you look?" };
  await gitlab.executeTool({ identifier: "ada", toolName: "gitlab_issue_note_create", toolInput: comment });
  await emulator.hooks.settled();
  const issue = emulator.state.planning.issue(emulator.state.projectByPath("acme/app")?.id ?? 0, 1);
  const [asked, answered] = issue?.notes.filter(({ system }) => !system).slice(-2) ?? [];
  expect(asked?.body).toBe("@ben can you look?");
  expect(answered?.body).toBe(`@\u200bada, about ${issue?.title}: 18 characters.`);
  expect(answered?.authorId).toBe(emulator.state.userByName("ben")?.id);
  expect(emulator.hooks.deliveries.filter(({ kind }) => kind === "note")).toHaveLength(2);
});

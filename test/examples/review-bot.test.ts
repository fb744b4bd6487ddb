import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSigningToken, toNodeHandler } from "gitlab-agent-tools/webhooks";
import {
  branchCreate,
  fileUpdate,
  fileGet,
  mergeRequestCreate,
  mergeRequestUpdate,
  mergeRequestDiscussionsList,
} from "gitlab-agent-tools/tools";
import { expect, onTestFinished, test } from "vitest";
import { reviewWhenAsked } from "../../examples/review-bot/review-when-asked.js";
import { emulated } from "../support/emulated.js";

test("who is asked for a review gets a first one in their name, on the lines of the diff", async () => {
  const { emulator, gitlab, connect } = await emulated();
  await connect("ben");
  const signingToken = createSigningToken();
  const seen: string[] = [];
  const receiver = reviewWhenAsked(gitlab, signingToken, (diff) => {
    seen.push(diff);
    return Promise.resolve([{ file: "README.md", line: 1, body: "Say what it is.\n/close" }]);
  });
  const handle = toNodeHandler(receiver);
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  emulator.hooks.add({ of: "acme/app", url, signingToken });

  const ada = gitlab.as("user_ada");
  const project_id = "acme/app";
  await branchCreate(ada, { project_id, branch: "name", ref: "main" });
  const { data: file } = await fileGet(ada, { project_id, file_path: "README.md", ref: "name" });
  await fileUpdate(ada, {
    ...{ project_id, file_path: "README.md", branch: "name", commit_message: "Name it" },
    content: `# The app\n${file.content}`,
  });
  const { data: mergeRequest } = await mergeRequestCreate(ada, {
    ...{ project_id, source_branch: "name", target_branch: "main", title: "Name it" },
  });
  const ref = { project_id, merge_request_iid: mergeRequest.iid };
  const ben = emulator.state.userByName("ben")?.id ?? 0;
  await mergeRequestUpdate(ada, { ...ref, reviewer_ids: [ben] });
  await emulator.hooks.settled();

  expect(seen).toHaveLength(1);
  expect(seen[0]).toContain("+# The app");
  const { data: discussions } = await mergeRequestDiscussionsList(ada, ref);
  const notes = discussions.flatMap(({ notes: of }) => of ?? []).filter(({ system }) => !system);
  expect(notes).toMatchObject([{ author: { username: "ben" }, position: { new_path: "README.md", new_line: 1 } }]);
  expect(notes[0]?.body).toContain("Say what it is.");
  const { state } =
    emulator.state.planning.mergeRequest(emulator.state.projectByPath("acme/app")?.id ?? 0, mergeRequest.iid) ?? {};
  expect(state).toBe("opened");
});

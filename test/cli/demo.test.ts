import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { recordingFile, toSvg, wordsOf } from "../../scripts/recording/svg.js";
import { cli } from "../support/cli.js";

test("the demo connects two engineers and runs the everyday flows", async () => {
  const ran = await cli(["demo"]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  const expected = [
    /user_ada on http:\/\/127\.0\.0\.1:\d+: PENDING → ACTIVE as @ada/,
    /user_ben on http:\/\/127\.0\.0\.1:\d+\/gitlab: PENDING → ACTIVE as @ben/,
    /#\d+ .* \[.*bug.*\], untouched since \d{4}-\d{2}-\d{2}/,
    /README\.md written on docs\/quick-start/,
    /a second write from the same old version is refused/,
    /!\d+ Say how to start: .*, assigned to @ben, labels documentation/,
    /pipeline \d+ on main: \w+/,
    /build \/ build: \w+/,
    /done: \d+ requests/,
  ];
  for (const line of expected) expect(ran.stdout).toMatch(line);
  // Colours are for terminals.
  expect(ran.stdout).not.toContain("\u001b[");
  // `npm run recording` makes the one that the README shows anew.
  const recording = await readFile(recordingFile, "utf8");
  expect(wordsOf(recording)).toBe(wordsOf(toSvg("npx gitlab-agent-tools demo", ran.stdout)));
  expect(recording).not.toMatch(/<script|href|url\(|@import/);
});

test("the demo tells a program the same, as one document", async () => {
  const ran = await cli(["demo", "--json"]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  const some = expect.any(Number) as unknown;
  expect(JSON.parse(ran.stdout)).toMatchObject({
    accounts: [
      { identifier: "user_ada", before: "PENDING", status: "ACTIVE", gitlabUser: { username: "ada" } },
      { identifier: "user_ben", before: "PENDING", status: "ACTIVE", gitlabUser: { username: "ben" } },
    ],
    issues: { listed: expect.arrayContaining([expect.objectContaining({ iid: some })]) as unknown, total: some },
    file: { path: "README.md", branch: "docs/quick-start", secondWrite: { name: "GitLabToolError" } },
    mergeRequest: { title: "Say how to start", assignees: ["ben"], labels: ["documentation"] },
    pipeline: {
      id: some,
      ref: "main",
      jobs: expect.arrayContaining([expect.objectContaining({ stage: "build", name: "build" })]) as unknown,
    },
    requests: [{ count: some }, { count: some }],
  });
});

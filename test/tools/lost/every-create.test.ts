import { tools } from "gitlab-agent-tools/tools";
import { expect, test } from "vitest";

// A POST that is not harmless to repeat is found again where its answer got lost, or says why not and where to look.
test("every create knows what becomes of it when its answer gets lost", () => {
  const unsaid = Object.values(tools)
    .map(({ definition }) => definition)
    .filter(({ method, access, idempotent, steps }) => method === "POST" && access !== "read" && !idempotent && !steps)
    .filter(({ lost }) => lost?.match === undefined && lost?.check === undefined);
  expect(
    unsaid.map(({ name }) => name),
    "say it under `lost` in spec/tools/, or in spec/lost.yaml",
  ).toEqual([]);
});

test("what is looked for names the tool to look with as well", () => {
  const without = Object.values(tools).filter(({ definition: { lost } }) => lost && lost.check === undefined);
  expect(without.map(({ definition }) => definition.name)).toEqual([]);
});

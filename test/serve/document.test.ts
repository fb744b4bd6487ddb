import { readFile } from "node:fs/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { gatewayFiles } from "../../scripts/gateway/files.js";
import { operations } from "../../src/serve/operations/index.js";
import { errorCodes } from "../../src/errors/codes.js";
import { gatewayDocument } from "../../src/serve/document.js";

test("the document is one by OpenAPI 3.1's own schema, and every name in it leads somewhere", async () => {
  const document = gatewayDocument();
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(document));
  expect(errors ?? []).toEqual([]);
  expect([valid, validator.version]).toEqual([true, "3.1"]);
  const text = JSON.stringify(document);
  const names = [...text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)].map(([, kind = "", name = ""]) => [kind, name]);
  const components = document["components"] as Record<string, Record<string, unknown>>;
  for (const [kind = "", name = ""] of names) expect(Object.keys(components[kind] ?? {}), kind).toContain(name);
  // None is described and never used.
  for (const name of Object.keys(components["schemas"] ?? {})) expect(names).toContainEqual(["schemas", name]);
  for (const code of errorCodes) expect(text).toContain(`"${code}"`);

  const broken = { ...document, paths: { "/v1/accounts": { fetch: {} } } };
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

test("docs/gateway.md has every request, what its key is for, and whether it may be repeated", async () => {
  const page = await readFile("docs/gateway.md", "utf8");
  const rows = [...page.matchAll(/^\| `(\w+) (\/v1\S+)` +\| .+? +\| (.+?) +\| (.+?) +\|$/gm)];
  const words = { freely: "yes", "with a key": "reads", never: "no" } as const;
  const told = rows.map(([, method, path, needs, repeat = ""]) => [method, path, needs, repeat.split(/[:;]/)[0]]);
  const expected = operations.map(({ method, path, needs, repeat }) => [
    ...[method, path, needs === undefined ? "any" : `\`${needs}\``, words[repeat]],
  ]);
  expect(told.toSorted()).toEqual(expected.toSorted());
});

test("what is made of it is up to date (npm run generate)", async () => {
  for (const [path, text] of gatewayFiles()) expect(await readFile(path, "utf8"), path).toBe(text);
});

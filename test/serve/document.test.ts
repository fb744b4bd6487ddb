import { readFile } from "node:fs/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { gatewayFiles } from "../../scripts/gateway/files.js";
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

test("what is made of it is up to date (npm run generate)", async () => {
  for (const [path, text] of gatewayFiles()) expect(await readFile(path, "utf8"), path).toBe(text);
});

import { readdirSync, readFileSync } from "node:fs";
import { parse, print, stripIgnoredCharacters, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { schemaOf, textFor } from "../../src/graphql-editions.js";

const folder = new URL("../../spec/graphql/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const definitions = read("schema.graphql");
const texts = readdirSync(folder).filter((name) => name.endsWith(".graphql") && name !== "schema.graphql");
const newest = schemaOf(definitions, { version: "19.6", enterprise: true });

test.each(texts)("%s is valid, and short enough for GitLab", (name) => {
  const text = read(name);
  expect(validate(newest, parse(text)).map(({ message }) => message)).toEqual([]);
  // https://docs.gitlab.com/api/graphql/#limits
  expect(text.length).toBeLessThan(10_000);
  expect(print(parse(text))).not.toContain("gl_introduced");
});

describe.each(["18.2", "18.9", "19.2.4-ee"])("GitLab %s", (version) => {
  test.each([true, false])("understands what is left of every text, Enterprise: %s", (enterprise) => {
    const schema = schemaOf(definitions, { version, enterprise });
    const faults = texts.flatMap((name) => {
      const text = textFor(parse(read(name)), schema);
      return text === undefined ? [] : validate(schema, text).map(({ message }) => `${name}: ${message}`);
    });
    expect(faults).toEqual([]);
  });
});

test("a Community build has no iterations and no vulnerabilities, and work items without what is paid for", () => {
  const community = schemaOf(definitions, { version: "19.2", enterprise: false });
  const lost = texts.filter((name) => textFor(parse(read(name)), community) === undefined);
  expect(lost).toEqual([
    "iteration-cadences-list.graphql",
    "iterations-list.graphql",
    "lookup-licensed-feature.graphql",
    "lookup-vulnerability.graphql",
    "vulnerabilities-list.graphql",
    "vulnerability-get.graphql",
    "vulnerability-state-set.graphql",
  ]);
  const item = textFor(parse(read("work-item-get.graphql")), community);
  const shown = item === undefined ? "" : stripIgnoredCharacters(print(item));
  expect(shown).toContain("WorkItemWidgetAssignees");
  expect(shown).not.toMatch(/WorkItemWidgetWeight|isFixed|WorkItemWidgetStatus\b/);
});

test("an older version is not asked for what came later", () => {
  const older = schemaOf(definitions, { version: "18.4", enterprise: true });
  const text = textFor(parse(read("work-items-list.graphql")), older);
  const shown = text === undefined ? "" : print(text);
  expect(shown).toContain("includeDescendantWorkItems");
  expect(shown).not.toMatch(/parentWildcardId|includeArchived|count\(/);
});

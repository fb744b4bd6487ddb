import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { toolNames } from "gitlab-agent-tools";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../src/", import.meta.url));

/** The rooms from the outermost in: a room imports only itself and those after it. */
const rooms: readonly (readonly string[])[] = [
  ["cli"],
  ["serve", "mcp", "webhooks"],
  ["connect"],
  ["web"],
  ["adapters"],
  ["client"],
  ["sessions"],
  ["workflows"],
  ["tools"],
  ["policy"],
  ["definition"],
  ["accounts"],
  ["stores"],
  ["http"],
  ["options"],
  ["errors", "views"],
];

/** What does not keep to that, by room, and why. */
const exceptions: Readonly<Record<string, string>> = {
  "cli -> testing":
    "`demo` and `emulator` are the emulator on the command line: no other room may start it, and only these two load it",
};

/**
 * What the emulator takes of the rest. It stands apart: what it shared with the client, it could not find wrong there.
 * The checks of stores are for whoever writes one; the marks of GitLab's schema are read by the generator, too.
 */
const emulatorImports = [
  "graphql-editions.ts",
  "is-object.ts",
  "stores/account-store-checks.ts",
  "webhooks/signature.ts",
];

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replaceAll("\\", "/"));

/** What each file imports of the sources, types included. */
const imports = new Map(
  files.map((file) => {
    const text = readFileSync(join(source, file), "utf8");
    const names = [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"(\.[^"]+)\.js"/g)].map(
      ([, name]) => `${name}.ts`,
    );
    const paths = names.map((name) => normalize(join(dirname(file), name)));
    return [file, [...new Set(paths.filter((path) => files.includes(path)))]] as const;
  }),
);

/** A file's room; files beside the rooms are the entry points and the client, which is made of rooms. */
function roomOf(file: string): string | undefined {
  const [room, rest] = file.split("/");
  return rest === undefined ? (file.startsWith("gitlab") ? "client" : undefined) : room;
}

const rank = (room: string): number => rooms.findIndex((row) => row.includes(room));

test("a room imports only the rooms below it", () => {
  const wrong = [...imports].flatMap(([file, targets]) =>
    targets.flatMap((target) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      if (from === undefined || to === undefined || from === to || from === "testing") return [];
      const up = to === "testing" || rank(from) < 0 || rank(to) < 0 || rank(to) <= rank(from);
      return up && !(`${from} -> ${to}` in exceptions) ? [`${file} -> ${target}`] : [];
    }),
  );
  expect(wrong).toEqual([]);
});

test("the emulator stands apart", () => {
  const taken = [...imports].flatMap(([file, targets]) =>
    roomOf(file) === "testing" ? targets.filter((target) => roomOf(target) !== "testing") : [],
  );
  expect([...new Set(taken)].toSorted()).toEqual(emulatorImports);
});

test("no file imports itself by way of others, not even for types", () => {
  const rings: (readonly string[])[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      rings.push(path.slice(path.indexOf(file)));
      return;
    }
    if (done.has(file)) return;
    for (const target of imports.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  expect(rings).toEqual([]);
});

const guide = readFileSync(new URL("../CONTRIBUTING.md", import.meta.url), "utf8");

test("CONTRIBUTING says of every room what it does, and of none that is not there", () => {
  const table = guide.slice(guide.indexOf("| room"), guide.indexOf("| where is decided"));
  const named = table
    .split("\n")
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([\w-]+)`/g)].map(([, room]) => room));
  const folders = readdirSync(source, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  expect(named.toSorted()).toEqual(folders.toSorted());
});

test("every file that CONTRIBUTING names is there", () => {
  const paths = [...guide.matchAll(/`((?:src|spec|test|codegen|generated|docs|scripts)\/[\w./-]*)`/g)];
  expect(paths.length).toBeGreaterThan(20);
  const root = new URL("../", import.meta.url);
  expect(paths.map(([, path = ""]) => path).filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

test("what a call passes through knows no tool by its name: what there is to know of one stands in the manifest", () => {
  const below = ["tools", "policy", "definition", "accounts", "stores", "http", "options", "errors", "views"];
  const known = new Set<string>(toolNames);
  const named = files
    .filter((file) => below.includes(roomOf(file) ?? ""))
    .flatMap((file) => {
      // Comments give examples.
      const code = readFileSync(join(source, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*/g, "");
      return (code.match(/gitlab_[a-z0-9_]+/g) ?? [])
        .filter((name) => known.has(name))
        .map((name) => `${file} ${name}`);
    });
  expect(named).toEqual([]);
});

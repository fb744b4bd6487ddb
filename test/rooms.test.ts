import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
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
  ["accounts"],
  ["stores"],
  ["http"],
  ["options"],
  ["errors", "views"],
];

/** What does not keep to that, by room or by the one file that is imported, and why. */
const exceptions: Readonly<Record<string, string>> = {
  "cli -> testing": "the demo and the emulator command run the emulator",
  "policy -> tools":
    "policies judge definitions, whose types (tools/definition.ts) lie with what makes them; types only",
};

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

const isException = (from: string, to: string, target: string): boolean =>
  `${from} -> ${to}` in exceptions || `${from} -> ${target}` in exceptions;

const rank = (room: string): number => rooms.findIndex((row) => row.includes(room));

test("a room imports only the rooms below it", () => {
  const wrong = [...imports].flatMap(([file, targets]) =>
    targets.flatMap((target) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      if (from === undefined || to === undefined || from === to || from === "testing") return [];
      const up = to === "testing" || rank(from) < 0 || rank(to) < 0 || rank(to) <= rank(from);
      return up && !isException(from, to, target) ? [`${file} -> ${target}`] : [];
    }),
  );
  expect(wrong).toEqual([]);
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

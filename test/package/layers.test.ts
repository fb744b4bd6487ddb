import { expect, test } from "vitest";
import { layersOf, type Imports, type Layer } from "../../scripts/bundle/layer-of.js";

const modules = (graph: Readonly<Record<string, readonly [now: string, later?: string]>>): Map<string, Imports> => {
  const names = (text = ""): string[] => text.split(" ").filter((name) => name !== "");
  return new Map(Object.entries(graph).map(([file, [now, later]]) => [file, { now: names(now), later: names(later) }]));
};
const layers = (named: Readonly<Record<string, Layer>>): Map<string, Layer> => new Map(Object.entries(named));

const rooms = layers({
  common: { roots: [] },
  client: { roots: ["client"], after: ["common"] },
  server: { roots: ["server"], after: ["client"] },
  emulator: { roots: ["emulator"], after: ["common"] },
});

test("a module is in the layer that is loaded wherever it is", () => {
  const graph = modules({
    client: ["http error"],
    server: ["http error page"],
    emulator: ["error"],
    http: [""],
    error: [""],
    page: [""],
  });
  expect(Object.fromEntries(layersOf(rooms, graph))).toEqual({
    client: "client",
    server: "server",
    emulator: "emulator",
    http: "client",
    error: "common",
    page: "server",
  });
});

test("what is imported when it is needed is a file of its own, and what it shares is where its importer is", () => {
  const graph = modules({
    client: ["", "download upload"],
    server: [""],
    emulator: [""],
    download: ["stream"],
    upload: ["stream form"],
    stream: [""],
    form: [""],
  });
  const found = layersOf(rooms, graph);
  expect(["download", "upload", "form"].map((file) => found.get(file))).toEqual([undefined, undefined, undefined]);
  expect(found.get("stream")).toBe("client");
});

test("what is imported late from the command line and brings the client along does not move the client", () => {
  const graph = modules({ client: ["http"], server: [""], emulator: ["", "demo"], demo: ["client"], http: [""] });
  expect(layersOf(rooms, graph).get("http")).toBe("client");
});

test("a root that is no module is refused", () => {
  expect(() => layersOf(rooms, modules({ client: [""] }))).toThrow("server is the root of a layer");
});

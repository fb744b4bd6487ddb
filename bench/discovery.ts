import { toolSearch } from "../src/adapters/discovery-search.js";
import { selectTools } from "../src/tools/select.js";
import { alsoRight, requestsBeyond } from "../test/adapters/discovery-requests-beyond.js";
import { laterRequests, requests } from "../test/adapters/discovery-requests.js";
import { printTable } from "./table.js";

/** How often the right tool is found, how fast, and which requests it is not first for. */
export function benchDiscovery(): void {
  const began = performance.now();
  const search = toolSearch(selectTools({ level: "all" }));
  const indexed = performance.now() - began;
  const also = new Map(alsoRight.map(([request, ...tools]) => [request, tools]));
  const core = requests.length + laterRequests.length;
  const places = [...requests, ...laterRequests, ...requestsBeyond].map(([request, ...given]) => {
    const tools = [...given, ...(also.get(request) ?? [])];
    const found = search(request, 5);
    return { request, tools, found, place: found.findIndex(({ name }) => tools.includes(name)) };
  });
  const share = (from: number, to: number, most: number): string => {
    const set = places.slice(from, to);
    return `${((set.filter(({ place }) => place >= 0 && place < most).length / set.length) * 100).toFixed(1)}%`;
  };
  const row = (name: string, from: number, to: number): (string | number)[] => [
    name,
    to - from,
    share(from, to, 1),
    share(from, to, 5),
  ];
  printTable(
    "Discovery: the right tool for everyday requests",
    ["requests", "number", "first (≥ 85%)", "among 5 (≥ 95%)"],
    [row("of the core", 0, core), row("beyond it", core, places.length), row("all", 0, places.length)],
  );
  for (const { request, tools, found, place } of places.filter((one) => one.place !== 0))
    console.log(
      `  ${place < 0 ? "not found" : `place ${place + 1}`}: "${request}" → ${found[0]?.name ?? "nothing"}, not ${tools.join(" or ")}`,
    );
  const started = performance.now();
  for (const { request } of places) search(request, 5);
  const each = (performance.now() - started) / places.length;
  console.log(`\n  indexed in ${indexed.toFixed(0)} ms; a search takes ${each.toFixed(2)} ms`);
}

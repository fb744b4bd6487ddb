import { toolSearch } from "../../../src/adapters/discovery-search.js";
import type { PageRow } from "../row.js";
import { element, find } from "./dom.js";
import { shownTool } from "./shown-tool.js";

interface Tool extends PageRow {
  readonly parameters: Readonly<Record<string, true>>;
}

const tools: readonly Tool[] = (JSON.parse(find("tools", HTMLScriptElement).text) as PageRow[]).map((tool) => ({
  ...tool,
  parameters: Object.fromEntries(tool.lines.map(([name]) => [name, true])),
}));
const titles = JSON.parse(find("areas", HTMLScriptElement).text) as Record<string, string>;

const search = toolSearch(tools);
const byName = new Map(tools.map((tool) => [tool.name, tool]));
const elements = new Map<string, HTMLElement>();

const query = find("query", HTMLInputElement);
const count = find("count", HTMLElement);
const results = find("results", HTMLElement);
const form = find("filters", HTMLFormElement);

/** What a filter lets through: as much as was chosen, or less. */
const ladders = {
  access: ["read", "write", "destructive"],
  level: ["core", "extended", "derived"],
  tier: ["free", "premium", "ultimate"],
} as const;

function isWanted(tool: PageRow, chosen: ReadonlyMap<string, string>): boolean {
  const upTo = (filter: keyof typeof ladders, value: string): boolean => {
    const ladder: readonly string[] = ladders[filter];
    const most = ladder.indexOf(chosen.get(filter) ?? "");
    return most < 0 || ladder.indexOf(value) <= most;
  };
  const area = chosen.get("area");
  const scope = chosen.get("scope");
  return (
    (!area || area === tool.area) &&
    (!scope || tool.scopes.includes(scope)) &&
    upTo("access", tool.access) &&
    upTo("level", tool.level ?? "core") &&
    upTo("tier", tool.tier ?? "free")
  );
}

function elementOf(tool: PageRow): HTMLElement {
  const made = elements.get(tool.name) ?? shownTool(tool);
  elements.set(tool.name, made);
  return made;
}

/** The best first where something is asked for, else by area. */
function refresh(): void {
  const chosen = new Map([...form.querySelectorAll("select")].map(({ name, value }) => [name, value]));
  const asked = query.value.trim();
  const found = asked === "" ? tools : search(asked, tools.length);
  const shown = found.filter((tool) => isWanted(tool, chosen));
  const parts: HTMLElement[] = [];
  let area = "";
  if (asked !== "" && shown.length > 0) parts.push(element("h2", {}, "Best first"));
  for (const tool of shown) {
    if (asked === "" && tool.area !== area) parts.push(element("h2", {}, titles[(area = tool.area)] ?? area));
    parts.push(elementOf(tool));
  }
  results.replaceChildren(...parts);
  count.textContent =
    shown.length === 0 ? "No tool is about that; ask with other words, or filter less." : `${shown.length} tools`;
}

/** The address names a tool: it is shown, whatever is searched for. */
function follow(): void {
  const tool = byName.get(location.hash.slice(1));
  if (!tool) return;
  const made = elementOf(tool);
  if (!made.isConnected) {
    query.value = "";
    form.reset();
    refresh();
  }
  made.setAttribute("open", "");
  made.scrollIntoView();
  made.querySelector("summary")?.focus();
}

/** `/` searches, the arrows go from tool to tool, Escape goes back to the search. */
function move(event: KeyboardEvent): void {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return;
  const typing = target === query || target instanceof HTMLSelectElement;
  if (key === "/" && !typing) {
    event.preventDefault();
    query.focus();
  }
  if (key === "Escape" && target !== query) query.focus();
  const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
  if (step === 0 || (target !== query && target.localName !== "summary")) return;
  const summaries = [...results.querySelectorAll("summary")];
  const next = summaries.findIndex((one) => one === target) + step;
  event.preventDefault();
  (next < 0 ? query : summaries[next])?.focus();
}

form.addEventListener("input", refresh);
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("keydown", move);
addEventListener("hashchange", follow);
refresh();
follow();

import type { PageRow } from "../row.js";
import { element } from "./dom.js";
import { callsOf } from "./examples.js";

/** A tool in the list; what is inside is made when it is opened. */
export function shownTool(tool: PageRow): HTMLElement {
  const { name, title, access, level = "core", tier } = tool;
  const marks = [access, level, ...(tier ? [tier] : [])].map((mark) => element("span", { class: mark }, mark));
  const summary = element("summary", {}, element("code", {}, name), " ", title, " ", ...marks);
  const details = element("details", { id: name }, summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(tool));
  });
  return details;
}

function inside(tool: PageRow): HTMLElement {
  const { description, lines, answer } = tool;
  return element(
    "div",
    {},
    element("p", {}, description),
    factsOf(tool),
    ...(lines.length > 0 ? [element("h3", {}, "Parameters"), tableOf(tool)] : []),
    ...Object.entries(callsOf(tool)).flatMap(([way, text]) => block(tool, way, text)),
    element("h3", {}, "Compact answer"),
    element("pre", { tabindex: "0", "aria-label": "Compact answer" }, answer),
  );
}

function factsOf({ method, path, scopes, steps = [], role, area }: PageRow): HTMLElement {
  const calls = steps.flatMap((step, index) => [index > 0 ? ", " : "", element("a", { href: `#${step}` }, step)]);
  const facts: [string, (Node | string)[]][] = [
    ["area", [area]],
    ["scope", [scopes.join(" or ")]],
    ...(role === undefined ? [] : [["role", [`${role} or more`]] satisfies [string, string[]]]),
    steps.length > 0 ? ["calls", calls] : ["sends", [`${method} ${path}`]],
  ];
  return element("dl", {}, ...facts.flatMap(([fact, value]) => [element("dt", {}, fact), element("dd", {}, ...value)]));
}

function tableOf({ name, lines }: PageRow): HTMLElement {
  const rows = lines.map(([parameter, type, marks, text = ""]) => {
    const notes = [
      ...(marks.includes("!") ? ["required"] : []),
      ...(marks.includes("-") ? ["for code only"] : []),
      ...(text === "" ? [] : [text]),
    ];
    const head = element("th", { scope: "row" }, element("code", {}, parameter));
    return element("tr", {}, head, element("td", {}, type), element("td", {}, notes.join("; ")));
  });
  const heads = ["Name", "Takes", "Notes"].map((head) => element("th", { scope: "col" }, head));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
  const label = `Parameters of ${name}`;
  return element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label }, table);
}

/** An example with its button. */
function block({ name }: PageRow, way: string, text: string): HTMLElement[] {
  const shown = element("pre", { tabindex: "0", "aria-label": `${name} by ${way}` }, text);
  const button = element("button", { type: "button", "aria-label": `Copy ${way}` }, "Copy");
  button.addEventListener("click", () => {
    const say = (word: string): void => void (button.textContent = word);
    navigator.clipboard.writeText(text).then(
      () => say("Copied"),
      // Where the browser does not let pages copy, the person can.
      () => {
        getSelection()?.selectAllChildren(shown);
        say("Selected");
      },
    );
  });
  return [element("h3", {}, way, " ", button), shown];
}

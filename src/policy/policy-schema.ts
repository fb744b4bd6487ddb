import { aliases, toolNames } from "../../generated/tool-names.js";
import { accesses } from "./access.js";
import { matchesGlob, namesOf, type Named } from "./glob.js";
import { isObject } from "../is-object.js";
import { nearest } from "../options/nearest.js";
import * as o from "../options/words.js";
import type { Policy, UntrustedBelow } from "./policy.js";
import { roleWords } from "./role-words.js";

const places = o.listOf(o.either(o.text, o.number, "a number, a path or a web URL"));

/** What takes away nothing was meant for a tool of another name, which would stay allowed. */
const glob = (own: readonly Named[]): o.Check<string> => ({
  problems(value, field) {
    if (typeof value !== "string" || !value.startsWith("!")) return o.text.problems(value, field);
    const names = [...toolNames, ...Object.keys(aliases), ...own.flatMap(namesOf)];
    const taken = value.slice(1);
    if (names.some((name) => matchesGlob(name, taken))) return [];
    const near = nearest(taken, names);
    const message = `there is no tool ${JSON.stringify(taken.slice(0, 100))} to take away`;
    return [
      { field, message: near ? `${message}; did you mean !${near}?` : message, ...(near && { nearest: `!${near}` }) },
    ];
  },
});
const globs = (own: readonly Named[]): o.Check<string[]> => o.listOf(glob(own));

const words = o.choice(["plain", "wrap"]);
const below = o.strict<UntrustedBelow>({ below: o.choice(roleWords), show: o.choice(["drop", "mark"]) });
const untrusted: o.Check<"plain" | "wrap" | UntrustedBelow> = {
  problems: (value, field) => (isObject(value) ? below : words).problems(value, field),
};

const shape: o.ShapeOf<Policy> = {
  access: o.unlessUndefined(o.choice(accesses)),
  areas: o.unlessUndefined(o.texts),
  tools: o.unlessUndefined(globs([])),
  projects: o.unlessUndefined(places),
  groups: o.unlessUndefined(places),
  quickActions: o.unlessUndefined(o.choice(["allow", "escape", "refuse"])),
  untrusted: o.unlessUndefined(untrusted),
  visibility: o.unlessUndefined(o.choice(["guard", "off"])),
  secrets: o.unlessUndefined(o.choice(["mask", "show"])),
  downloads: o.unlessUndefined(o.falseOr(o.text, "a folder")),
  uploads: o.unlessUndefined(o.falseOr(o.text, "a folder")),
};

/** A policy, wherever it is given. Each part protects something: one that is `undefined` is refused. */
export const policySchema = o.strict<Policy>(shape);

/** A policy that may take away tools of one's own, too. */
export const policyWith = (own: readonly Named[]): o.Check<Policy> =>
  own.length === 0 ? policySchema : o.strict<Policy>({ ...shape, tools: o.unlessUndefined(globs(own)) });

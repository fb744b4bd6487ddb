import { aliases, toolNames } from "../../generated/tool-names.js";
import { accesses } from "./access.js";
import { matchesGlob } from "./glob.js";
import { isObject } from "../is-object.js";
import * as o from "../options/words.js";
import type { Policy, UntrustedBelow } from "./policy.js";
import { roleWords } from "./role-words.js";

const places = o.listOf(o.either(o.text, o.number, "a number, a path or a web URL"));

/** What takes away nothing was meant for a tool of another name, which would stay allowed. */
const takesAway = (glob: string): boolean =>
  !glob.startsWith("!") || [...toolNames, ...Object.keys(aliases)].some((name) => matchesGlob(name, glob.slice(1)));
const globs = o.listOf(o.textThat(takesAway, "a tool that exists behind the !"));

const words = o.choice(["plain", "wrap"]);
const below = o.strict<UntrustedBelow>({ below: o.choice(roleWords), show: o.choice(["drop", "mark"]) });
const untrusted: o.Check<"plain" | "wrap" | UntrustedBelow> = {
  problems: (value, field) => (isObject(value) ? below : words).problems(value, field),
};

/** A policy, wherever it is given. Each part protects something: one that is `undefined` is refused. */
export const policySchema = o.strict<Policy>({
  access: o.unlessUndefined(o.choice(accesses)),
  areas: o.unlessUndefined(o.texts),
  tools: o.unlessUndefined(globs),
  projects: o.unlessUndefined(places),
  groups: o.unlessUndefined(places),
  quickActions: o.unlessUndefined(o.choice(["allow", "escape", "refuse"])),
  untrusted: o.unlessUndefined(untrusted),
  visibility: o.unlessUndefined(o.choice(["guard", "off"])),
  secrets: o.unlessUndefined(o.choice(["mask", "show"])),
  downloads: o.unlessUndefined(o.falseOr(o.text, "a folder")),
  uploads: o.unlessUndefined(o.falseOr(o.text, "a folder")),
});

import * as z from "zod/mini";
import { toolNames } from "../../generated/tool-names.js";
import { matchesGlob } from "./glob.js";
import { choice, falseOr, strict, text, texts, unlessUndefined } from "../tools/options.js";
import type { Policy } from "./policy.js";

const places = z.array(z.union([z.string(), z.number()], "a number, a path or a web URL"));

/** What takes away nothing was meant for a tool of another name, which would stay allowed. */
const takesAway = (glob: string): boolean =>
  !glob.startsWith("!") || toolNames.some((name) => matchesGlob(name, glob.slice(1)));
const globs = z.array(z.string().check(z.refine(takesAway, "a tool that exists behind the !")));

/** A policy, wherever it is given. Each part protects something: one that is `undefined` is refused. */
export const policySchema = strict<Policy>({
  access: unlessUndefined(choice(["read", "write", "destructive"])),
  areas: unlessUndefined(texts),
  tools: unlessUndefined(globs),
  projects: unlessUndefined(places),
  groups: unlessUndefined(places),
  quickActions: unlessUndefined(choice(["allow", "escape", "refuse"])),
  untrusted: unlessUndefined(choice(["plain", "wrap"])),
  secrets: unlessUndefined(choice(["mask", "show"])),
  downloads: unlessUndefined(falseOr(text, "a folder")),
});

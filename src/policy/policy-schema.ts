import * as z from "zod/mini";
import { toolNames } from "../../generated/tool-names.js";
import { matchesGlob } from "./glob.js";
import { choice, falseOr, maybe, strict, text, texts } from "../tools/options.js";
import type { Policy } from "./policy.js";

const places = z.array(z.union([z.string(), z.number()], "a number, a path or a web URL"));

/** What takes away nothing was meant for a tool of another name, which would stay allowed. */
const takesAway = (glob: string): boolean =>
  !glob.startsWith("!") || toolNames.some((name) => matchesGlob(name, glob.slice(1)));
const globs = z.array(z.string().check(z.refine(takesAway, "a tool that exists behind the !")));

/** A policy, wherever it is given. */
export const policySchema = strict<Policy>({
  access: maybe(choice(["read", "write", "destructive"])),
  areas: maybe(texts),
  tools: maybe(globs),
  projects: maybe(places),
  groups: maybe(places),
  quickActions: maybe(choice(["allow", "escape", "refuse"])),
  untrusted: maybe(choice(["plain", "wrap"])),
  secrets: maybe(choice(["mask", "show"])),
  downloads: maybe(falseOr(text, "a folder")),
});

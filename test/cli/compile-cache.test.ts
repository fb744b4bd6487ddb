import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileCacheFolder } from "../../src/cli/compile-cache.js";

test("compiled code is kept in a folder of the person's own, never in one that all share", () => {
  const own = ["gitlab-agent-tools", "compiled"] as const;
  const home = join(homedir(), ".cache", ...own);
  expect(compileCacheFolder({}, "linux")).toBe(home);
  expect(compileCacheFolder({ XDG_CACHE_HOME: "/home/ada/cache" }, "linux")).toBe(join("/home/ada/cache", ...own));
  // What is relative would be in whichever folder the program is started in, a repository of others perhaps.
  expect(compileCacheFolder({ XDG_CACHE_HOME: "cache" }, "linux")).toBe(home);
  expect(compileCacheFolder({ XDG_CACHE_HOME: "" }, "linux")).toBe(home);
});

import { existsSync } from "node:fs";
import { join } from "node:path";
import { version } from "../version.js";
import { UsageError } from "./output.js";

/**
 * What works on `spec/` is of no use where there is none, as beside an installed package.
 *
 * @param instead what to do in a project of one's own
 * @throws {UsageError} saying whose sources are meant
 */
export function requireClone(root: string, command: string, instead = ""): void {
  if (existsSync(join(root, "spec"))) return;
  throw new UsageError(
    `There is no spec/ in ${root === "." ? "this folder" : root}: \`${command}\` runs in a clone of the sources of gitlab-agent-tools ${version}.${instead}`,
  );
}

import { lstat, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { systemCode } from "../errors/network.js";
import type { BodyFormat, TextRange } from "../http/body-format.js";
import type { Policy } from "../policy/policy.js";
import type { ToolDefinition } from "../definition/definition.js";
import { invalid, type Values } from "./validate.js";

type Folder = Policy["downloads"];

/**
 * How GitLab's response to a call is read, where it is not plain JSON: which part of a text, where a download is saved.
 *
 * @throws {GitLabToolError} `invalid_input` where nothing can or may be written to `save_to`
 */
export async function bodyFormat(
  definition: ToolDefinition,
  values: Values,
  policies: readonly Policy[],
): Promise<BodyFormat> {
  switch (definition.answer) {
    case "empty":
      return { as: "nothing" };
    case "binary":
      return await downloadFormat(definition, values, policies);
    case "text":
      return { as: "text", part: textPart(values) };
    case "any":
      return { as: "json or text", part: textPart(values) };
    default:
      return { as: "json" };
  }
}

const integerOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

function textPart(values: Values): TextRange {
  const { grep, section } = values;
  const startLine = integerOf(values["start_line"]);
  const tailLines = integerOf(values["tail_lines"]);
  const maxBytes = integerOf(values["max_bytes"]);
  const contextLines = integerOf(values["context_lines"]);
  const search = {
    ...(typeof grep === "string" && { grep }),
    ...(typeof section === "string" && { section }),
    ...(contextLines !== undefined && { contextLines }),
  };
  return {
    ...(startLine !== undefined && { startLine }),
    ...(tailLines !== undefined && { tailLines }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(("grep" in search || "section" in search) && { search }),
  };
}

async function downloadFormat(
  definition: ToolDefinition,
  { save_to: target, max_bytes: most }: Values,
  policies: readonly Policy[],
): Promise<BodyFormat> {
  const limit = typeof most === "number" && { maxBytes: most };
  if (typeof target !== "string") return { as: "download", ...limit };
  const resolved = await resolveTarget(
    target,
    policies.map(({ downloads }) => downloads),
  );
  if ("problem" in resolved) throw invalid(definition, [{ field: "save_to", message: resolved.problem }]);
  return { as: "download", saveTo: resolved.path, ...limit };
}

/**
 * The absolute path of a target, or why nothing can be written there; found out before anything is asked of GitLab.
 * Links are followed first, so that none leads out of the folder, and a file that exists is never replaced.
 */
async function resolveTarget(
  target: string,
  places: readonly Folder[],
): Promise<{ path: string } | { problem: string }> {
  if (places.includes(false)) return { problem: "may not be used here: no folder for downloads is set; leave it out" };
  const folders = places.filter((place) => typeof place === "string");
  const absolute = resolve(folders[0] ?? ".", target);
  const parent = await realpath(dirname(absolute)).catch(() => undefined);
  if (parent === undefined || !(await stat(parent)).isDirectory()) {
    return { problem: `the folder ${dirname(absolute)} does not exist` };
  }
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => undefined);
    const way = root === undefined ? ".." : relative(root, parent);
    // The way to another drive is absolute.
    if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way))
      return { problem: "leads out of the folder for downloads" };
  }
  const path = join(parent, basename(absolute));
  let existing;
  try {
    existing = await lstat(path);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOENT") return { problem: `cannot be the name of a file here (${code ?? "unknown reason"})` };
  }
  if (existing?.isDirectory()) return { problem: "is a folder; give the name of a file" };
  return existing ? { problem: "exists already; give another name" } : { path };
}

import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { readBytes, readLines, readTail, tooLarge } from "../http/body.js";
import type { HttpResponse } from "../http/transport.js";
import { nearest } from "../options/nearest.js";
import { LogSearcher } from "../views/log-search.js";
import type { ToolDefinition } from "./definition.js";
import { download } from "./download.js";

type Values = Readonly<Record<string, unknown>>;

/** Turns a successful answer into `data`, as the definition says. */
export async function readAnswer(
  definition: ToolDefinition,
  values: Values,
  response: HttpResponse,
  limit: number,
): Promise<unknown> {
  const empty = definition.answer === "empty" || [204, 205, 304].includes(response.status);
  if (empty) {
    response.body.cancel();
    return null;
  }
  switch (definition.answer) {
    case "text":
      return readText(values, response, limit);
    case "binary":
      return download(values, response, limit);
    case "file":
      return fromLine(decodeFile(await readJson(response, limit)), integerOf(values["start_line"]));
    case "any":
      return /[/+]json\b/.test(response.headers.get("content-type") ?? "")
        ? readJson(response, limit)
        : readText(values, response, limit);
    default:
      return readJson(response, limit);
  }
}

async function readJson(response: HttpResponse, limit: number): Promise<unknown> {
  const bytes = await readBytes(response, limit);
  if (bytes.byteLength === 0) return null;
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const html = /^\s*</.test(text);
    throw new GitLabToolError({
      code: "gitlab_unavailable",
      message: `GitLab's answer (status ${response.status}) is not JSON but ${html ? "an HTML page" : "something else"}.`,
      hint: html
        ? "A proxy or sign-in page answered in GitLab's place: check the connection's base URL and what stands in front of it."
        : "The answer was damaged on its way: call again.",
      retryable: !html,
      status: response.status,
    });
  }
}

const integerOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

async function readText(values: Values, response: HttpResponse, limit: number): Promise<string> {
  if ("grep" in values || "section" in values) return await searchLog(values, response, limit);
  const lines = integerOf(values["tail_lines"]);
  const bytes = integerOf(values["max_bytes"]);
  const start = integerOf(values["start_line"]);
  if (lines === undefined && bytes === undefined)
    return skipLines(new TextDecoder().decode(await readBytes(response, limit)), start);
  return readTail(response, { bytes: Math.min(bytes ?? limit, limit), ...(lines !== undefined && { lines }) });
}

/** What is wanted of a log, which may be longer than what may be held of it. */
async function searchLog(values: Values, response: HttpResponse, limit: number): Promise<string> {
  const { grep, section } = values;
  const searcher = new LogSearcher({
    ...(typeof grep === "string" && { grep }),
    ...(typeof section === "string" && { section }),
    context: integerOf(values["context_lines"]) ?? 2,
    start: integerOf(values["start_line"]) ?? 1,
    tail: integerOf(values["tail_lines"]) ?? Infinity,
  });
  for await (const line of readLines(response, limit)) {
    searcher.push(line);
    if (searcher.size > limit) throw tooLarge(limit);
  }
  const { text, sections } = searcher.end();
  if (typeof section === "string" && !sections.includes(section)) throw noSection(section, sections);
  return text;
}

function noSection(name: string, sections: readonly string[]): GitLabToolError {
  const near = nearest(name, sections);
  return new GitLabToolError({
    code: "not_found",
    message: `The log has no section ${JSON.stringify(name)}${near === undefined ? "" : `; did you mean ${near}?`}.`,
    hint:
      sections.length === 0
        ? "It has no sections at all: leave section out."
        : `Its sections: ${sections.slice(0, 50).join(", ")}.`,
    details: { sections: sections.slice(0, 50) },
  });
}

/**
 * A repository file's content as text; a binary file keeps its base64 (GitLab documentation, "Repository files API").
 */
function decodeFile(file: unknown): unknown {
  if (typeof file !== "object" || file === null || !("content" in file) || !("encoding" in file)) return file;
  if (file.encoding !== "base64" || typeof file.content !== "string") return file;
  const bytes = Buffer.from(file.content, "base64");
  if (bytes.includes(0)) return file;
  try {
    // A byte order mark is part of the file: what is read can be written back unchanged.
    const content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { ...file, encoding: "text", content };
  } catch {
    return file;
  }
}

/** A decoded file from a line on; what says how to change it safely stays. */
function fromLine(file: unknown, start: number | undefined): unknown {
  if (typeof file !== "object" || file === null || !("content" in file) || !("encoding" in file)) return file;
  if (file.encoding !== "text" || typeof file.content !== "string") return file;
  return { ...file, content: skipLines(file.content, start) };
}

/** Text from a line on, counted from 1. */
function skipLines(text: string, start = 1): string {
  let from = 0;
  for (let line = 1; line < start; line += 1) {
    const end = text.indexOf("\n", from);
    if (end < 0) return "";
    from = end + 1;
  }
  return text.slice(from);
}

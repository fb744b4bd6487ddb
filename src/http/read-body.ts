import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { BodyFormat } from "./body-format.js";
import { readBytes } from "./body.js";
import type { HttpResponse } from "./transport.js";

/**
 * Reads the body of a successful response.
 *
 * @param limit the most bytes that may be kept of it
 */
export async function readBody(response: HttpResponse, format: BodyFormat, limit: number): Promise<unknown> {
  if (format.as === "nothing" || [204, 205, 304].includes(response.status)) {
    response.body.cancel();
    return null;
  }
  if (format.as === "download") return await (await import("./download.js")).readDownload(response, format, limit);
  if (format.as === "json") return await readJson(response, limit);
  if (format.as === "json or text" && hasJsonType(response)) return await readJson(response, limit);
  return await (await import("./text-body.js")).readText(response, format.part, limit);
}

const hasJsonType = ({ headers }: HttpResponse): boolean => /[/+]json\b/.test(headers.get("content-type") ?? "");

const utf8 = new TextDecoder();

async function readJson(response: HttpResponse, limit: number): Promise<unknown> {
  const bytes = await readBytes(response, limit);
  if (bytes.byteLength === 0) return null;
  const text = utf8.decode(bytes);
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

import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { isJson } from "./answer.js";
import { readText } from "../web/body.js";

/** What a form of the pages says, or a program in its place. */
export interface Post {
  readonly action: "connect" | "disconnect";
  readonly connection: string;
  readonly csrf: string;
  readonly returnTo?: string;
}

const longestBytes = 16_384;

/** `undefined` for what is none of ours. */
export async function readPost(request: Request): Promise<Post | "too large" | undefined> {
  let text: string | undefined;
  try {
    text = await readText(request, longestBytes);
  } catch (error) {
    if (error instanceof GitLabToolError && error.code === "response_too_large") return "too large";
    throw error;
  }
  const fields = text === undefined ? undefined : fieldsOf(text, request.headers);
  if (!fields) return undefined;
  const { action, connection, return_to: returnTo } = fields;
  const csrf = fields["csrf"] ?? request.headers.get("x-csrf-token") ?? "";
  if ((action !== "connect" && action !== "disconnect") || connection === undefined) return undefined;
  return { action, connection, csrf, ...(returnTo && { returnTo }) };
}

type FormFields = Readonly<Record<string, string>>;

function fieldsOf(text: string, headers: Headers): FormFields | undefined {
  if (!isJson(headers)) return Object.fromEntries(new URLSearchParams(text));
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null) return undefined;
    return Object.fromEntries(
      Object.entries(body).filter((field): field is [string, string] => typeof field[1] === "string"),
    );
  } catch {
    return undefined;
  }
}

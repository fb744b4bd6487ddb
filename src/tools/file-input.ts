import { isObject } from "../is-object.js";
import { FileContent } from "../http/file-content.js";

/**
 * A file to upload: the path of one (a text is a path, too), or its name and content. `encoding: "base64"` says that a
 * content given as text stands for bytes. At most 100 MiB.
 *
 * @example
 * ```ts
 * await projectUploadCreate(account, { project_id, file: "./shot.png" });
 * await projectUploadCreate(account, { project_id, file: { file_name: "notes.txt", content: "All is well." } });
 * ```
 */
export type FileInput =
  | string
  | { readonly path: string; readonly file_name?: string }
  | { readonly file_name: string; readonly content: string | Uint8Array; readonly encoding?: "text" | "base64" };

/** A file that is still to be read. */
export class FileToRead {
  constructor(
    readonly path: string,
    readonly file_name?: string,
  ) {}
}

const names = ["path", "file_name", "content", "encoding"];
const expected = "a path, or { file_name, content }";

/** What was given for a file, or what is wrong with it. */
export function readFileInput(input: unknown): FileToRead | FileContent | { readonly problem: string } {
  if (typeof input === "string") return new FileToRead(input);
  if (!isObject(input)) return { problem: expected };
  // Models send null for what they do not mean to set.
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== null && value !== undefined),
  );
  const unknown = Object.keys(fields).find((name) => !names.includes(name));
  if (unknown !== undefined) return { problem: `${expected}, and not "${unknown.slice(0, 100)}"` };
  const { path, file_name: name, content, encoding = "text" } = fields;
  if (name !== undefined && !isFileName(name))
    return { problem: "file_name to be the name of a file, without folders" };
  if (path !== undefined) {
    if (content !== undefined || fields["encoding"] !== undefined) return { problem: `${expected}, not both` };
    if (typeof path !== "string" || path === "" || path.includes("\0"))
      return { problem: "path to be the path of a file" };
    return new FileToRead(path, name);
  }
  if (name === undefined) return { problem: `${expected}; file_name is missing` };
  if (encoding !== "text" && encoding !== "base64") return { problem: 'encoding to be "text" or "base64"' };
  const bytes = bytesOf(content, encoding);
  if (!bytes) return { problem: encoding === "base64" ? "content to be base64" : "content to be text or bytes" };
  return bytes.byteLength > mostFileBytes ? { problem: tooLarge } : new FileContent(name, bytes);
}

/** What GitLab takes by default: https://docs.gitlab.com/administration/settings/account_and_limit_settings/ */
export const mostFileBytes = 100 * 1024 ** 2;
export const tooLarge = "a file of at most 100 MiB";

function isFileName(name: unknown): name is string {
  if (typeof name !== "string" || name.length > 255 || !name.isWellFormed()) return false;
  return !/^\.{0,2}$|[/\\\p{Cc}]/u.test(name);
}

function bytesOf(content: unknown, encoding: "text" | "base64"): Uint8Array<ArrayBuffer> | undefined {
  // A copy: whoever gave it may change it while it waits to be sent.
  if (content instanceof Uint8Array) return new Uint8Array(content);
  if (typeof content !== "string") return undefined;
  if (encoding === "text") return new TextEncoder().encode(content);
  const text = content.replace(/\s+/g, "");
  if (text.length % 4 === 1 || !/^[a-z\d+/]*={0,2}$/i.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, "base64"));
}

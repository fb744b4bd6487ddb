import { FileContent } from "./file-content.js";

/** A body with files as `multipart/form-data` (RFC 7578). In one piece, so that it can be sent again. */
export async function encodeMultipart(
  fields: Readonly<Record<string, unknown>>,
): Promise<{ readonly body: Uint8Array<ArrayBuffer>; readonly contentType: string }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) append(form, name, value);
  // The platform escapes names and chooses the boundary.
  const encoded = new Response(form);
  const contentType = encoded.headers.get("content-type") ?? "multipart/form-data";
  return { body: new Uint8Array(await encoded.arrayBuffer()), contentType };
}

/** Lists as `name[]`, objects as `name[key]` (https://docs.gitlab.com/api/rest/#array-and-hash-types). */
function append(form: FormData, name: string, value: unknown): void {
  if (value === undefined) return;
  if (value instanceof FileContent) form.append(name, value.toBlob(), value.file_name);
  else if (Array.isArray(value)) for (const item of value) append(form, `${name}[]`, item);
  else if (typeof value === "object" && value !== null)
    for (const [key, part] of Object.entries(value)) append(form, `${name}[${key}]`, part);
  // A form has no null; what is empty clears.
  else form.append(name, value === null ? "" : typeof value === "string" ? value : JSON.stringify(value));
}

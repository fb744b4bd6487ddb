import { refuse } from "./handler.js";
import { UploadedFile } from "./uploaded-file.js";

export type Values = Record<string, unknown>;

/** A parameter that is text; undefined when it is missing, empty or something else. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

const isValues = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads `a=1&b[]=2&c[d]=3` as Rack does: brackets make lists and hashes, the last one of a name wins. */
export function parsePairs(pairs: Iterable<readonly [string, unknown]>): Values {
  const values: Values = {};
  for (const [name, value] of pairs) {
    const [, first = name, rest = ""] = /^([^[\]]+)((?:\[[^\]]*\])*)$/.exec(name) ?? [];
    const keys = [...rest.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? "");
    assign(values, first, keys, value);
  }
  return values;
}

function assign(target: Values, name: string, keys: readonly string[], value: unknown): void {
  const [key, ...deeper] = keys;
  if (key === undefined) {
    target[name] = value;
    return;
  }
  if (key === "") {
    const existing = target[name];
    const items: unknown[] = Array.isArray(existing) ? existing : [];
    target[name] = items;
    if (deeper.length === 0) items.push(value);
    else pushInto(items, deeper, value);
    return;
  }
  const existing = target[name];
  const inner: Values = isValues(existing) ? existing : {};
  target[name] = inner;
  assign(inner, key, deeper, value);
}

/** `a[][key]=x&a[][value]=y` is one entry until a key comes a second time. */
function pushInto(items: unknown[], keys: readonly string[], value: unknown): void {
  const [key = "", ...deeper] = keys;
  const last = items.at(-1);
  if (isValues(last) && !(key in last)) {
    assign(last, key, deeper, value);
    return;
  }
  const entry: Values = {};
  assign(entry, key, deeper, value);
  items.push(entry);
}

/** The parameters of a body, whichever of the three forms it has. */
export async function parseBody(contentType: string | undefined, body: Uint8Array<ArrayBuffer>): Promise<Values> {
  if (body.length === 0) return {};
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "" || type === "application/json" || type.endsWith("+json")) return parseJson(body);
  if (type === "application/x-www-form-urlencoded") {
    return parsePairs(new URLSearchParams(new TextDecoder().decode(body)));
  }
  if (type === "multipart/form-data") return parseMultipart(contentType ?? "", body);
  return refuse(415, { error: `The provided content-type '${type}' is not supported.` });
}

function parseJson(body: Uint8Array): Values {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(body));
  } catch {
    refuse(400, { error: "message body does not match declared format" });
  }
  // Grape leaves out a body that is no object.
  return isValues(parsed) ? parsed : {};
}

async function parseMultipart(contentType: string, body: Uint8Array<ArrayBuffer>): Promise<Values> {
  const form = await new Response(body, { headers: { "content-type": contentType } }).formData().catch(() => undefined);
  if (form === undefined) return refuse(400, { error: "message body does not match declared format" });
  const pairs: [string, unknown][] = [];
  for (const [name, value] of form as Iterable<[string, string | File]>) {
    pairs.push([
      name,
      typeof value === "string"
        ? value
        : new UploadedFile(value.name, value.type, new Uint8Array(await value.arrayBuffer())),
    ]);
  }
  return parsePairs(pairs);
}

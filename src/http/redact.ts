const hidden = "[hidden]";

/** Names whose values are secret, in queries and bodies, at any depth. */
const secretNames =
  /token|secret|password|passwd|private_key|credential|authorization|^custom_headers$|^url_variables$/i;
/** CI variables carry secrets under harmless names: `{ key, value }`. */
const valueNames = /^value$|^secret_value$/i;

const isSecret = (name: string): boolean =>
  (secretNames.test(name) && !/^(?:page_token|tokens?_events|resource_\w*token\w*_events)$/i.test(name)) ||
  valueNames.test(name);

/** A URL with what is secret in it hidden: user info and values of secret names. */
export function redactUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  let secret = false;
  if (url.username || url.password) {
    url.username = "hidden";
    url.password = "";
    secret = true;
  }
  for (const name of new Set(url.searchParams.keys())) {
    const inner = name.endsWith("]") ? name.slice(name.lastIndexOf("[") + 1, -1) : name;
    if (!isSecret(name) && !isSecret(inner)) continue;
    url.searchParams.set(name, hidden);
    secret = true;
  }
  // Writing a URL anew changes how it is written: nothing to hide, nothing to change.
  return secret ? url.href : text;
}

/** A body with what is secret in it hidden. */
export function redactBody(value: unknown, depth = 0): unknown {
  if (typeof value === "string" && /^\s*[a-z][a-z\d+.-]*:\/\//i.test(value)) {
    return URL.canParse(value) ? redactUrl(value) : hidden;
  }
  if (typeof value !== "object" || value === null) return value;
  if (depth > 8) return hidden;
  if (Array.isArray(value)) return value.map((part) => redactBody(part, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, isSecret(name) ? hidden : redactBody(part, depth + 1)]),
  );
}

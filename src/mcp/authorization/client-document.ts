import { lookup, type LookupAddress, type LookupAllOptions } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import type { Agent } from "undici";
import { loadUndici, type Undici } from "../../http/undici.js";

/** Fetches the document at a client's address; `undefined` for one that cannot be had. */
export type FetchDocument = (url: string) => Promise<unknown>;

const longestBytes = 5_120;
const patienceMs = 5_000;
/** However long the document says that it may be kept. */
const keptMs = 5 * 60_000;
const mostKept = 1_000;

/** Whether an address is of the public internet: nobody asks us to look around in our own network. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "unicast";
}

/** Whether a client may be described there at all. */
export function isDocumentUrl(text: string): boolean {
  if (text.length > 2_000 || !URL.canParse(text)) return false;
  const { protocol, hostname, pathname, username, password, hash, port } = new URL(text);
  if (protocol !== "https:" || pathname === "/" || port !== "") return false;
  if (username !== "" || password !== "" || hash !== "") return false;
  const literal = hostname.replace(/^\[|\]$/g, "");
  return !ipaddr.isValid(literal) || isPublicAddress(literal);
}

/** How names become addresses: Node's way. */
type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The addresses of a name, when the connection to one of them is made: a name may point elsewhere than a moment ago. One
 * that leads inside is refused whatever else it leads to.
 */
export function publicLookup(resolve: Lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const refused = error ?? (addresses.every(({ address }) => isPublicAddress(address)) ? null : inside());
      if (refused) callback(refused, []);
      else callback(null, addresses);
    });
  };
}

let agent: Agent | undefined;

const publicOnly = (undici: typeof Undici): Agent =>
  (agent ??= new undici.Agent({ connect: { lookup: publicLookup() } }));

const inside = (): Error => new Error("The name leads into a private network.");

async function fetchPublic(url: string): Promise<Response> {
  const undici = await loadUndici();
  const response = await undici.fetch(url, {
    dispatcher: publicOnly(undici),
    redirect: "error",
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(patienceMs),
  });
  return new Response(response.ok ? await limited(response.body) : null, { status: response.ok ? 200 : 502 });
}

/** The body, as long as it is short. */
async function limited(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > longestBytes) throw new Error("The document is too long.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/**
 * Documents of clients, fetched with care: over https, from public addresses, without redirects, small and soon. Kept for
 * a few minutes, failures too, so that nobody makes us ask a server over and over.
 *
 * @param load fetches an address that has been checked; default: with the limits above
 */
export function createFetchDocument(
  now: () => number,
  load: (url: string) => Promise<Response> = fetchPublic,
): FetchDocument {
  const kept = new Map<string, { readonly until: number; readonly document: Promise<unknown> }>();

  async function read(url: string): Promise<unknown> {
    try {
      const response = await load(url);
      const text = response.ok ? await response.text() : "";
      return text.length > longestBytes ? undefined : (JSON.parse(text) as unknown);
    } catch {
      return undefined;
    }
  }

  return async (url) => {
    if (!isDocumentUrl(url)) return undefined;
    const known = kept.get(url);
    if (known && known.until > now()) return await known.document;
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= mostKept) kept.delete(oldest);
    const document = read(url);
    kept.set(url, { until: now() + keptMs, document });
    return await document;
  };
}

import {
  createServer,
  request as ask,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What can happen to a request on its way. `act`: whether GitLab gets to see it. */
const mishaps = [
  { name: "dropped before GitLab", share: 0.06, act: false },
  { name: "dropped after GitLab acted", share: 0.06, act: true },
  { name: "reset in the answer's body", share: 0.05, act: true },
  { name: "answer cut short", share: 0.05, act: true },
  { name: "429", share: 0.07, act: false },
  { name: "502 before GitLab", share: 0.04, act: false },
  { name: "502 after GitLab acted", share: 0.04, act: true },
  { name: "503", share: 0.05, act: false },
  { name: "delayed", share: 0.1, act: true },
  { name: "never answered", share: 0.005, act: true },
] as const;

export type Mishap = (typeof mishaps)[number]["name"] | "none";

export interface FaultyProxy {
  readonly baseUrl: string;
  readonly counts: ReadonlyMap<Mishap, number>;
  /** From now on things happen; until then everything gets through. */
  begin(): void;
  close(): Promise<void>;
}

/**
 * A proxy in front of `target` that drops, delays, cuts and refuses. What happens to a request depends on the seed, on
 * the request and on how often it was made, not on the order in which requests arrive: a run can be repeated.
 */
export async function startFaultyProxy(
  target: string,
  seed: number,
  { without = [] }: { readonly without?: readonly Mishap[] } = {},
): Promise<FaultyProxy> {
  const counts = new Map<Mishap, number>();
  const seen = new Map<string, number>();
  let begun = false;
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { method = "GET", url = "/", headers } = incoming;
    const key = `${method} ${url} ${body.toString()}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    const drawn = begun ? draw(chance(`${seed} ${key} ${times}`)) : "none";
    const mishap = without.includes(drawn) ? "none" : drawn;
    if (begun) counts.set(mishap, (counts.get(mishap) ?? 0) + 1);
    const acts = mishaps.find(({ name }) => name === mishap)?.act ?? true;
    const answer = acts ? await forward(target, method, url, headers, body) : undefined;
    if (mishap === "delayed") await new Promise((resolve) => setTimeout(resolve, 40));
    reply(outgoing, mishap, answer);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    counts,
    begin: () => {
      begun = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface ProxiedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function reply(outgoing: ServerResponse, mishap: Mishap, answer: ProxiedAnswer | undefined): void {
  const { status, headers, body } = answer ?? { status: 500, headers: {}, body: Buffer.alloc(0) };
  const half = body.subarray(0, Math.floor(body.length / 2));
  switch (mishap) {
    case "dropped before GitLab":
    case "dropped after GitLab acted":
      outgoing.socket?.resetAndDestroy();
      return;
    case "reset in the answer's body":
      outgoing.writeHead(status, { ...headers, "content-length": String(body.length + 1) });
      outgoing.write(half, () => outgoing.socket?.resetAndDestroy());
      return;
    case "answer cut short":
      outgoing.writeHead(status, { ...headers, "content-length": String(half.length) }).end(half);
      return;
    case "429":
      outgoing.writeHead(429, { "content-type": "text/plain", "retry-after": "0" }).end("Retry later\n");
      return;
    case "502 before GitLab":
    case "502 after GitLab acted":
      outgoing.writeHead(502, { "content-type": "text/html" }).end("<html><title>502 Bad Gateway</title></html>");
      return;
    case "503":
      outgoing.writeHead(503, { "content-type": "text/html" }).end("<html><title>Back soon</title></html>");
      return;
    case "never answered":
      return;
    default:
      outgoing.writeHead(status, headers).end(body);
  }
}

function forward(
  target: string,
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<ProxiedAnswer> {
  const { connection: _, host: __, "transfer-encoding": ___, ...kept } = headers;
  return new Promise((resolve, reject) => {
    const sent = ask(`${target}${url}`, { method, headers: { ...kept, "content-length": body.length } }, (answer) => {
      const { connection: _one, "keep-alive": _two, "transfer-encoding": _three, ...shown } = answer.headers;
      buffer(answer).then((read) => resolve({ status: answer.statusCode ?? 0, headers: shown, body: read }), reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function draw(at: number): Mishap {
  let sum = 0;
  for (const { name, share } of mishaps) {
    sum += share;
    if (at < sum) return name;
  }
  return "none";
}

/** A number from 0 to 1 that a text decides: FNV-1a, then a round of mixing. */
function chance(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

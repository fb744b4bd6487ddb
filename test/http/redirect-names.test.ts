import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { platformTransport } from "../../src/http/node-transport.js";
import { followRedirects } from "../../src/http/redirect.js";
import type { HttpRequest, HttpResponse, Transport } from "../../src/http/transport.js";

const names: Readonly<Record<string, readonly string[]>> = {
  "gitlab.example.com": ["8.8.8.8"],
  "storage.example": ["8.8.4.4", "2606:4700::1111"],
  "inside.example": ["10.0.0.7"],
  "mixed.example": ["8.8.4.4", "169.254.169.254"],
  "gitlab.corp.example": ["10.0.0.5"],
  "storage.corp.example": ["10.0.0.6"],
};

const response = (status: number, location?: string): HttpResponse => ({
  status,
  headers: new Headers(location === undefined ? {} : { location }),
  body: {
    length: 0,
    whole: () => Promise.resolve(new Uint8Array()),

    async *chunks() {
      return Promise.resolve();
    },
    cancel: () => undefined,
  },
});

/** Where a download that is redirected to `location` goes, with names that resolve as above. */
async function followed(baseUrl: string, location: string): Promise<HttpRequest[]> {
  const sent: HttpRequest[] = [];
  const transport: Transport = {
    send(request) {
      sent.push(request);
      return Promise.resolve(response(200));
    },
    resolve: (name) => Promise.resolve(names[name]),
  };
  const request = {
    method: "GET",
    url: `${baseUrl}/a.zip`,
    headers: { authorization: "Bearer secret" },
    signal: new AbortController().signal,
  };
  await followRedirects(request, response(302, location), { baseUrl, transport, allowOtherOrigin: true });
  return sent;
}

test("a download goes to the addresses that were checked, without the token", async () => {
  const [request] = await followed("https://gitlab.example.com", "https://storage.example/a.zip");
  expect(request).toMatchObject({ url: "https://storage.example/a.zip", addresses: names["storage.example"] });
  expect(request?.headers).not.toHaveProperty("authorization");
});

test.each(["https://inside.example/a.zip", "https://mixed.example/latest/meta-data"])(
  "a name whose addresses lie in this machine's network is not followed: %s",
  async (location) => expect(await followed("https://gitlab.example.com", location)).toEqual([]),
);

test("an instance in that network may lead to storage in it", async () => {
  const sent = await followed("https://gitlab.corp.example", "https://storage.corp.example/a.zip");
  expect(sent.map(({ url }) => url)).toEqual(["https://storage.corp.example/a.zip"]);
});

test("a request with addresses connects to them, whatever the name resolves to by now", async () => {
  const hosts: (string | undefined)[] = [];
  const server = createServer((request, answer) => {
    hosts.push(request.headers.host);
    answer.end("from the checked address");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  // Nobody resolves this name (RFC 6761, section 6.4).
  const url = `http://storage.invalid:${port}/a.zip`;
  const { body } = await platformTransport().send({
    method: "GET",
    url,
    headers: {},
    signal: AbortSignal.timeout(10_000),
    addresses: ["127.0.0.1"],
  });
  const chunks = [];
  for await (const chunk of body.chunks()) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe("from the checked address");
  expect(hosts).toEqual([`storage.invalid:${port}`]);
});

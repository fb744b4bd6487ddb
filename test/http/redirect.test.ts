import { describe, expect, test } from "vitest";
import { followRedirects, isOnOwnNetwork } from "../../src/http/redirect.js";

describe("an address of one's own network", () => {
  test.each([
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "100.100.100.200",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "[::1]",
    "[::]",
    "[::ffff:169.254.169.254]",
    "[::ffff:a00:1]",
    "[::10.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
  ])("is %s", (host) => expect(isOnOwnNetwork(new URL(`http://${host}/`))).toBe(true));

  test.each([
    "gitlab.example.com",
    "localhost.example.com",
    "8.8.8.8",
    "172.32.0.1",
    "11.0.0.1",
    "[2606:4700::1111]",
    "[::ffff:8.8.8.8]",
  ])("is not %s", (host) => expect(isOnOwnNetwork(new URL(`http://${host}/`))).toBe(false));
});

describe("a download's redirect", () => {
  async function hops(baseUrl: string, locations: readonly string[]): Promise<string[]> {
    const left = [...locations];
    const answer = (): Response => {
      const location = left.shift();
      return location === undefined ? new Response("PK") : new Response(null, { status: 302, headers: { location } });
    };
    const asked: string[] = [];
    const request = new Request(`${baseUrl}/api/v4/projects/1/jobs/2/artifacts`);
    await followRedirects(request, answer(), { baseUrl, mayLeave: true }, (next) => {
      asked.push(new URL(next.url).host);
      return Promise.resolve(answer());
    });
    return asked;
  }

  test("leads from an instance on the internet to storage there, not into this machine's network", async () => {
    const baseUrl = "https://gitlab.example.com";
    expect(await hops(baseUrl, ["https://storage.example/a"])).toEqual(["storage.example"]);
    expect(await hops(baseUrl, ["https://169.254.169.254/latest"])).toEqual([]);
    expect(await hops(baseUrl, ["https://storage.example/a", "https://[::1]/b"])).toEqual(["storage.example"]);
  });

  test("leads from an instance on a private address to storage on another", async () => {
    expect(await hops("https://10.0.0.5", ["https://10.0.0.6:9000/a"])).toEqual(["10.0.0.6:9000"]);
  });
});

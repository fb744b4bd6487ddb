import { createGitLab } from "gitlab-agent-tools";
import { jobArtifactsDownload } from "gitlab-agent-tools/tools";
import { describe, expect, onTestFinished, test } from "vitest";
import { isOnOwnNetwork } from "../../src/http/redirect.js";

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
    "[64:ff9b:1::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[::ffff:0:127.0.0.1]",
    "[2001::1]",
    "[ff02::1]",
    "224.0.0.1",
    "255.255.255.255",
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
  /** The hosts that a download goes to beyond its instance, which answers with redirects to `locations`. */
  async function hops(baseUrl: string, locations: readonly string[]): Promise<string[]> {
    const left = [...locations];
    const asked: string[] = [];
    const fetch = (input: string | URL | Request): Promise<Response> => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (!url.pathname.endsWith("/artifacts") && url.origin === baseUrl) return Promise.resolve(new Response("{}"));
      asked.push(url.host);
      const location = left.shift();
      return Promise.resolve(
        location === undefined ? new Response("PK") : new Response(null, { status: 302, headers: { location } }),
      );
    };
    const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } }, fetch });
    onTestFinished(() => gitlab.close());
    await gitlab.connectWithToken({ identifier: "ada", token: "glpat-1" });
    await jobArtifactsDownload(gitlab.as("ada"), { project_id: 1, job_id: 2 }).catch(() => undefined);
    return asked.slice(1);
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

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { CallToolResult, JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { onTestFinished } from "vitest";
import { commandLine } from "../support/command-line.js";
import { serveOnStreams, StreamTransport } from "./own-streams.js";

export type ClientOptions = ConstructorParameters<typeof Client>[1];

/** The official client, speaking to the command line in this process. */
export async function stdioClient(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options: { client?: ClientOptions; prepare?: (client: Client) => void } = {},
): Promise<{ client: Client; stderr: () => string }> {
  const client = new Client({ name: "test", version: "1" }, options.client);
  options.prepare?.(client);
  const served = serveOnStreams(env, args);
  await client.connect(new StreamTransport<JSONRPCMessage>(served));
  onTestFinished(() => client.close());
  return { client, stderr: served.heard };
}

/** The official client, speaking to the command line as a process of its own. */
export async function processClient(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<{ client: Client; stderr: () => string; pid: () => number | null }> {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...commandLine, "mcp", ...args],
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stderr: "pipe",
  });
  let heard = "";
  transport.stderr?.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, stderr: () => heard, pid: () => transport.pid };
}

/** The official client over Streamable HTTP. */
export async function httpClient(url: string, token: string): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } }),
  );
  onTestFinished(() => client.close());
  return client;
}

/** The text of a tool's answer. */
export function textOf(result: Awaited<ReturnType<Client["callTool"]>>): string {
  const [first] = (result as CallToolResult).content;
  return first?.type === "text" ? first.text : "";
}

/** The error that a tool answered with. */
export function errorOf(result: Awaited<ReturnType<Client["callTool"]>>): Record<string, unknown> {
  if (result["isError"] !== true) throw new Error(`no error: ${textOf(result)}`);
  return JSON.parse(textOf(result)) as Record<string, unknown>;
}

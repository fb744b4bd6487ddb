import { once } from "node:events";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createToolServer, type McpServerOptions } from "./server.js";
import type { McpTools } from "./tools.js";

/**
 * Serves MCP on standard input and output, until the client closes the input or the process is told to stop.
 *
 * @param load loads the tools; begun when the handshake is done, so that nothing holds it up
 * @returns when all is answered
 * @throws what `load` throws: a server without tools is of no use
 */
export async function serveStdio(
  load: (server: Server) => Promise<McpTools>,
  options: McpServerOptions & { readonly signal?: AbortSignal } = {},
): Promise<void> {
  let loading: Promise<McpTools> | undefined;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  const tools = (): Promise<McpTools> => {
    loading ??= load(server);
    loading.catch(fail);
    return loading;
  };
  const { server, settled } = createToolServer(tools, options);
  server.oninitialized = () => void tools();
  const { signal } = options;
  const stopped = Promise.race([
    once(process.stdin, "end").then(settled),
    // Nobody reads any more.
    new Promise((resolve) => process.stdout.once("error", resolve)),
    ...(signal ? [new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))] : []),
  ]);
  await server.connect(new StdioServerTransport());
  try {
    await Promise.race([stopped, failed]);
  } finally {
    await server.close();
  }
}

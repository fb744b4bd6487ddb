import { once } from "node:events";
import { serveStdio as serve } from "@modelcontextprotocol/server/stdio";
import { createToolServer, type McpServerOptions, type ToolServer } from "./server.js";
import { stdioTransport } from "./stdio-transport.js";
import type { McpTools } from "./tools.js";

/** What the tools of a connection hear of it. */
export interface StdioConnection {
  /** Ends with the connection. */
  readonly signal: AbortSignal;
  /** Tells the client that the list of tools has changed. */
  readonly listChanged: () => void;
}

/** How long a client may take to read what it has been sent, once there is nothing more to come. */
const patienceMs = 2_000;

/**
 * Serves MCP on standard input and output, until the client closes the input or the process is told to stop.
 *
 * @param load loads the tools; begun when the handshake is done, so that nothing holds it up
 * @returns when all is answered
 * @throws what `load` throws: a server without tools is of no use
 */
export async function serveStdio(
  load: (connection: StdioConnection) => Promise<McpTools>,
  options: McpServerOptions & { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { stdin: input, stdout: output } = process;
  const { signal, ...serverOptions } = options;
  const connection = new AbortController();
  /** A client may look before it says how it speaks: then there are two. */
  const servers: ToolServer[] = [];
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));

  const listChanged = (): void => {
    for (const { server } of servers) server.sendToolListChanged().catch(() => undefined);
  };
  let loading: Promise<McpTools> | undefined;
  const tools = (): Promise<McpTools> => {
    loading ??= load({ signal: connection.signal, listChanged });
    loading.catch(fail);
    return loading;
  };
  const allIdle = async (): Promise<void> => {
    for (const server of servers) await server.whenIdle();
  };

  const stopped = Promise.race([
    once(input, "end").then(allIdle),
    // Nobody reads any more.
    new Promise((resolve) => output.once("error", resolve)),
    ...(signal ? [new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }))] : []),
  ]);
  const serving = serve(
    () => {
      const created = createToolServer(tools, { ...serverOptions, listChanges: true });
      created.server.oninitialized = () => void tools();
      servers.push(created);
      return created.server;
    },
    { transport: stdioTransport({ input, output }) },
  );
  try {
    await Promise.race([stopped, failed]);
  } finally {
    connection.abort();
    await flushed();
    await serving.close();
  }
}

/** Waits for the client to read, as long as it does. */
async function flushed(): Promise<void> {
  const { stdout } = process;
  for (let left = Infinity; stdout.writableLength > 0 && stdout.writableLength < left;) {
    left = stdout.writableLength;
    const late = AbortSignal.timeout(patienceMs);
    await once(stdout, "drain", { signal: late }).catch(() => undefined);
  }
}

/** Ends the process where a client that does not read would keep it: Node waits for what has been written. */
export function leaveUnread(): void {
  if (process.stdout.writableLength > 0) process.exit();
}

import { setImmediate } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type CallToolRequest,
  type CallToolResult,
  type ListToolsResult,
} from "@modelcontextprotocol/sdk/types.js";
import type { ToolAnswer } from "../adapters/toolbox.js";
import { version } from "../version.js";
import { withProgress, type ProgressExtra } from "./progress.js";
import type { McpTools } from "./tools.js";

export interface McpServerOptions {
  /** How often a call that takes long is reported to a client that asks for progress. Default: 2,000 ms. */
  readonly progressIntervalMs?: number;
}

const instructions =
  "GitLab, as the person who is connected. project_id and group_id take a number, a path such as group/project, or a web URL; an iid is the number behind # or !.";

/** A server, and what it is working on. */
export interface ToolServer {
  readonly server: Server;
  /** Ends when every request that has arrived is answered, cancelled or has failed. */
  readonly settled: () => Promise<void>;
}

/**
 * An MCP server around tools that are loaded with the first request for them: the handshake waits for nothing. Built
 * on the SDK's low-level server, because our tools bring JSON Schemas of their own and read their input themselves.
 */
export function createToolServer(load: () => Promise<McpTools>, options: McpServerOptions = {}): ToolServer {
  const server = new Server(
    { name: "gitlab-agent-tools", title: "GitLab", version },
    { capabilities: { tools: {} }, instructions },
  );
  const working = new Set<Promise<unknown>>();

  function watched<Result>(work: Promise<Result>): Promise<Result> {
    working.add(work);
    const done = (): boolean => working.delete(work);
    work.then(done, done);
    return work;
  }

  async function list(): Promise<ListToolsResult> {
    const definitions = (await load()).list();
    return { tools: definitions.map((definition) => ({ ...definition })) as ListToolsResult["tools"] };
  }

  async function call(
    { params }: CallToolRequest,
    extra: ProgressExtra & { readonly signal: AbortSignal },
  ): Promise<CallToolResult> {
    const tools = await load();
    const run = () => tools.run(params.name, params.arguments ?? {}, { signal: extra.signal });
    return toResult(await withProgress(run, params.name, extra, options), tools.structuredContent);
  }

  server.setRequestHandler(ListToolsRequestSchema, () => watched(list()));
  server.setRequestHandler(CallToolRequestSchema, (request, extra) => watched(call(request, extra)));

  return {
    server,
    async settled() {
      // Requests and answers pass through a few microtasks of the SDK's on their way in and out.
      await setImmediate();
      while (working.size > 0) {
        await Promise.allSettled(working);
        await setImmediate();
      }
    },
  };
}

function toResult({ text, structured, images, isError }: ToolAnswer, structuredContent: boolean): CallToolResult {
  return {
    content: [{ type: "text", text }, ...images.map((image) => ({ type: "image" as const, ...image }))],
    ...(isError && { isError }),
    ...(structuredContent && !isError && { structuredContent: { ...structured } }),
  };
}

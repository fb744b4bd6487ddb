import { setImmediate } from "node:timers/promises";
import {
  Server,
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  type JsonSchemaValidator,
  type jsonSchemaValidator,
  type ListToolsResult,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { ToolAnswer } from "../adapters/toolbox.js";
import { unconnected } from "../adapters/unconnected.js";
import { version } from "../version.js";
import { callHash, personOf } from "./ask.js";
import { confirmation } from "./confirm.js";
import { sentArguments } from "./object-arguments.js";
import { serveMaterial } from "./material.js";
import { loadMeasure, type McpOperation, type OpenOperation } from "./operations.js";
import { withProgress } from "./progress.js";
import type { McpTools } from "./tools.js";

export interface McpServerOptions {
  /**
   * How often a call that takes long is reported to a client that asks for progress; over HTTP, also how long others wait
   * for their answer before it begins as a stream that is kept alive. Default: 2,000 ms.
   */
  readonly progressIntervalMs?: number | undefined;
}

/** What those say who serve it. */
export interface ToolServerOptions extends McpServerOptions {
  /** Aborts the calls under way; unlike a connection that closes, their answers still go out. */
  readonly signal?: AbortSignal;
  /** Whether the client can be told that the list of tools has changed. */
  readonly listChanges?: boolean;
  /** Told of every request that has been worked on. */
  readonly onOperation?: (operation: McpOperation) => void;
}

const instructions =
  "GitLab, as the person who is connected. project_id and group_id take a number, a path such as group/project, or a web URL; an iid is the number behind # or !.";

/** How long clients may keep a list: accounts and selections change seldom. */
const listTtlMs = 300_000;
const kept = { ttlMs: listTtlMs, cacheScope: "private" } as const;

/** Answers to our questions are checked by us: the SDK's validator would be built anew for every request. */
const noValidator: jsonSchemaValidator = {
  getValidator<Data>(): JsonSchemaValidator<Data> {
    return (input) => ({ valid: true, data: input as Data, errorMessage: undefined });
  },
};

/** A server, and what it is working on. */
export interface ToolServer {
  readonly server: Server;
  /** Ends when every request that has arrived is answered, cancelled or has failed. */
  readonly whenIdle: () => Promise<void>;
}

/**
 * An MCP server around tools that are loaded with the first request for them: the handshake waits for nothing. Built
 * on the SDK's low-level server, because our tools bring JSON Schemas of their own and read their input themselves.
 */
export function createToolServer(load: () => Promise<McpTools>, options: ToolServerOptions = {}): ToolServer {
  const server = new Server(
    { name: "gitlab-agent-tools", title: "GitLab", version },
    {
      capabilities: {
        tools: { ...(options.listChanges && { listChanged: true }) },
        resources: {},
        prompts: {},
        completions: {},
      },
      instructions,
      jsonSchemaValidator: noValidator,
      cacheHints: {
        "tools/list": kept,
        "prompts/list": kept,
        "resources/list": kept,
        "resources/templates/list": kept,
        "server/discover": kept,
      },
      requestState: { verify: async (state, ctx) => await (await load()).asking.open(state, ctx) },
    },
  );
  const working = new Set<Promise<unknown>>();

  function watched<Result>(method: string, begin: (operation: OpenOperation) => Promise<Result>): Promise<Result> {
    const operation: OpenOperation = { method };
    const began = performance.now();
    const work = begin(operation);
    working.add(work);
    const done = (): void => {
      working.delete(work);
      options.onOperation?.(operation);
      const seconds = (performance.now() - began) / 1000;
      void loadMeasure().then((measure) => measure?.(operation, seconds));
    };
    work.then(done, () => {
      operation.code ??= "failed";
      done();
    });
    return work;
  }

  async function list(): Promise<ListToolsResult> {
    const definitions = await (await load()).list();
    return { tools: definitions.map((definition) => ({ ...definition })) as ListToolsResult["tools"] };
  }

  const signalOf = ({ mcpReq }: ServerContext): AbortSignal =>
    options.signal ? AbortSignal.any([mcpReq.signal, options.signal]) : mcpReq.signal;

  async function call(
    { params }: CallToolRequest,
    ctx: ServerContext,
    operation: OpenOperation,
  ): Promise<CallToolResult | InputRequiredResult> {
    const tools = await load();
    const { name } = params;
    const toResult = (answer: ToolAnswer): CallToolResult => {
      if (answer.isError) operation.code = codeOf(answer);
      // A name that nobody has given a tool is whatever a model has written.
      if (operation.code !== "unknown_tool") operation.tool = name;
      return resultOf(answer, tools.structuredContent);
    };
    const input = sentArguments(params.arguments);
    const person = personOf(server, ctx);
    const { asking, confirm, signIn } = tools;
    if (confirm !== "never" && tools.needsConfirmation(name, input)) {
      const obstacle = await confirmation({ name, input, title: tools.titleOf(name) }, person, {
        asking,
        confirm,
        ctx,
      });
      if (obstacle) return "ask" in obstacle ? obstacle.ask : toResult(obstacle.refuse);
    }
    const signal = signalOf(ctx);

    async function connectedRun(
      onProgress: (message: string) => void,
    ): Promise<ToolAnswer | { readonly ask: InputRequiredResult }> {
      const run = (): Promise<ToolAnswer> => tools.run(name, input, { signal, onProgress });
      const answer = await run();
      if (!signIn || !answer.isError || !unconnected.includes(answer.structured["code"])) return answer;
      const way = await signIn(person, { ctx, call: callHash(name, input), signal });
      if (way === undefined) return answer;
      if (way === "connected") return await run();
      return "ask" in way ? way : way.refuse;
    }

    const answer = await withProgress(connectedRun, name, ctx, options);
    return "ask" in answer ? answer.ask : toResult(answer);
  }

  server.setRequestHandler("tools/list", () => watched("tools/list", list));
  server.setRequestHandler("tools/call", (request, ctx) =>
    watched("tools/call", (operation) => call(request, ctx, operation)),
  );
  serveMaterial(server, { load, watched, signalOf });

  return {
    server,
    async whenIdle() {
      // Requests and answers pass through a few microtasks of the SDK's on their way in and out.
      await setImmediate();
      while (working.size > 0) {
        await Promise.allSettled(working);
        await setImmediate();
      }
    },
  };
}

function codeOf({ structured }: ToolAnswer): string {
  const { code } = structured;
  return typeof code === "string" ? code : "failed";
}

function resultOf({ text, structured, images, isError }: ToolAnswer, structuredContent: boolean): CallToolResult {
  return {
    content: [{ type: "text", text }, ...images.map((image) => ({ type: "image" as const, ...image }))],
    ...(isError && { isError }),
    ...(structuredContent && !isError && { structuredContent: { ...structured } }),
  };
}

import type { Server, ServerContext } from "@modelcontextprotocol/server";
import type { ToolAnswer } from "../adapters/toolbox.js";
import type { McpTools } from "./tools.js";

/** How requests are worked on: watched, and ended with the server. */
export interface Work {
  readonly load: () => Promise<McpTools>;
  readonly watched: <Result>(method: string, work: () => Promise<Result>) => Promise<Result>;
  readonly signalOf: (ctx: ServerContext) => AbortSignal;
}

/**
 * What is not a call of a tool, and stands on the same tools: resources, prompts, and what completes their arguments.
 * Loaded when first asked for.
 */
export function serveMaterial(server: Server, { load, watched, signalOf }: Work): void {
  const runner =
    (tools: McpTools, ctx: ServerContext) =>
    (tool: string, input: Readonly<Record<string, unknown>>): Promise<ToolAnswer> =>
      tools.runOffered(tool, input, { signal: signalOf(ctx) });

  server.setRequestHandler("resources/list", () => ({ resources: [] }));

  server.setRequestHandler("resources/templates/list", () =>
    watched("resources/templates/list", async () => {
      const [tools, { listTemplates }] = await Promise.all([load(), import("./resources.js")]);
      return { resourceTemplates: listTemplates(tools.offers) };
    }),
  );

  server.setRequestHandler("resources/read", ({ params }, ctx) =>
    watched("resources/read", async () => {
      const [tools, { readResource }] = await Promise.all([load(), import("./resources.js")]);
      return await readResource(params.uri, runner(tools, ctx));
    }),
  );

  server.setRequestHandler("prompts/list", () =>
    watched("prompts/list", async () => {
      const [tools, { listPrompts }] = await Promise.all([load(), import("./prompts.js")]);
      return { prompts: listPrompts(tools.offers) };
    }),
  );

  server.setRequestHandler("prompts/get", ({ params }) =>
    watched("prompts/get", async () => {
      const [tools, { getPrompt }] = await Promise.all([load(), import("./prompts.js")]);
      return getPrompt(params.name, params.arguments ?? {}, tools.offers);
    }),
  );

  server.setRequestHandler("completion/complete", ({ params }, ctx) =>
    watched("completion/complete", async () => {
      const [tools, { complete }, { kindOfArgument }, { kindOfVariable }] = await Promise.all([
        load(),
        import("./completion.js"),
        import("./prompts.js"),
        import("./resources.js"),
      ]);
      const { ref, argument, context } = params;
      const kind =
        ref.type === "ref/prompt" ? kindOfArgument(ref.name, argument.name) : kindOfVariable(ref.uri, argument.name);
      const project = context?.arguments?.["project"] ?? context?.arguments?.["project_id"];
      const values = kind ? await complete(kind, argument.value, project, runner(tools, ctx)) : [];
      return { completion: { values, hasMore: false } };
    }),
  );
}

import type { Confirm } from "../adapters/toolbox.js";
import type { GitLab } from "../gitlab-types.js";
import type { PersonalAccount } from "../mcp/personal.js";
import { leaveUnread, serveStdio } from "../mcp/stdio.js";
import type { McpRequest } from "../mcp/requests.js";
import type { McpOffer } from "../mcp/tools.js";
import type { Policy } from "../policy/policy.js";
import type { OwnTool } from "../tools/own-tools.js";
import { readEnvironment, requireAccount, requireStore } from "./environment.js";
import { plainError, reporter, UsageError, type Reporter } from "./output.js";
import { isModule, selectionOf, type SelectionFlags } from "./selection.js";

export interface McpFlags extends SelectionFlags {
  readonly identifier?: string;
  readonly connection?: string;
  readonly view: "full" | "compact";
  readonly maxResultTokens?: number;
  readonly structuredContent?: boolean;
  readonly discovery?: boolean;
  readonly projects?: readonly string[];
  readonly groups?: readonly string[];
  readonly downloads?: string;
  readonly uploads?: string;
  readonly confirm?: Confirm;
  readonly http?: boolean;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly publicUrl?: string;
  readonly trustedHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly audit?: boolean;
  readonly metricsPort?: number;
  readonly json?: boolean;
}

export async function mcp(flags: McpFlags): Promise<void> {
  const stop = new AbortController();
  const halt = (): void => stop.abort();
  process.once("SIGINT", halt).once("SIGTERM", halt);
  try {
    await (flags.http ? http(flags, stop.signal) : stdio(flags, stop.signal));
  } finally {
    process.removeListener("SIGINT", halt).removeListener("SIGTERM", halt);
  }
}

/** How tools are offered, on either transport. */
function offer(flags: McpFlags): McpOffer {
  const { view, maxResultTokens, structuredContent = false, discovery = false, confirm } = flags;
  return {
    ...(confirm && { confirm }),
    select: selectionOf(flags),
    discovery,
    view,
    structuredContent,
    ...(maxResultTokens && { maxResultTokens }),
  };
}

/** Tools of the modules that the flags name: loaded at once, so that what is wrong with them is said at the start. */
const ownOf = async ({ tools }: McpFlags): Promise<readonly OwnTool[]> =>
  tools?.some(isModule) ? await (await import("./own-tools.js")).loadOwnTools(tools) : [];

/** What the server's calls may reach, whichever tool they use. */
function limits({ projects, groups }: McpFlags): Policy {
  return { ...(projects && { projects }), ...(groups && { groups }) };
}

/** Everything that is not needed to answer the handshake is loaded after it. */
async function stdio(flags: McpFlags, signal: AbortSignal): Promise<void> {
  requireAccount(readEnvironment(), flags.identifier);
  const report = reporter(flags);
  if (process.stdin.isTTY)
    report("MCP server on standard input and output. It is for an MCP client to start; --help says how.");
  const tools = await ownOf(flags);
  let opened: GitLab | undefined;
  async function open(): Promise<PersonalAccount> {
    const [{ createClient }, { forTerminal }] = await Promise.all([import("./client.js"), import("./advice.js")]);
    const token = flags.identifier === undefined && readEnvironment().token !== undefined;
    const client = await createClient(flags, { tools }).catch((error: unknown) => {
      throw forTerminal(error, { ...flags, token });
    });
    opened = client.gitlab;
    return client;
  }
  try {
    await serveStdio(
      async (connection) => {
        const { personalTools } = await import("../mcp/personal.js");
        const { downloads, uploads } = flags;
        const policy = { ...limits(flags), ...(downloads && { downloads }), ...(uploads && { uploads }) };
        const { signal: ended, listChanged: onListChanged } = connection;
        return personalTools({
          open,
          writeLine: (line) => report(line),
          signal: ended,
          onListChanged,
          policy,
          tools,
          ...offer(flags),
        });
      },
      { signal },
    );
  } finally {
    await opened?.close();
  }
  leaveUnread();
}

/** People sign in where there is an application for it, and an address to come back to. */
function signInOf({ publicUrl, host, port }: McpFlags): { readonly publicUrl: string } | undefined {
  const { clientId } = readEnvironment();
  if (clientId === undefined) {
    if (publicUrl === undefined) return undefined;
    throw new UsageError(
      "People sign in with an OAuth application of GitLab's: set GITLAB_CLIENT_ID for --public-url.",
    );
  }
  if (publicUrl !== undefined) return { publicUrl };
  const local = ["127.0.0.1", "localhost", "::1"].includes(host) && port !== 0;
  return local ? { publicUrl: `http://${host === "::1" ? "[::1]" : host}:${port}` } : undefined;
}

/** The connection of the environment. */
const personalConnection = "gitlab";

/** What to register at GitLab, and which address to give to people. */
function announce(
  report: Reporter,
  {
    publicUrl,
    path,
    scopes,
  }: { readonly publicUrl: string; readonly path: string; readonly scopes: readonly string[] },
): void {
  const { baseUrl = "https://gitlab.com" } = readEnvironment();
  const { origin } = new URL(publicUrl);
  const [give, redirectUri] = [`${origin}${path}`, `${origin}/callback/${personalConnection}`];
  const register = `Register at ${baseUrl}: redirect URI ${redirectUri}, scopes ${scopes.join(" ")}.`;
  report(`Give people ${give}. ${register}`, { give, redirectUri, scopes, instance: baseUrl });
}

async function http(flags: McpFlags, signal: AbortSignal): Promise<void> {
  requireStore(readEnvironment());
  const [{ serveMcp }, { openStore }, { forTerminal }, { serveMetrics }] = await Promise.all([
    import("../mcp/serve.js"),
    import("./client.js"),
    import("./advice.js"),
    import("./metrics.js"),
  ]);
  const report = reporter(flags);
  const signIn = signInOf(flags);
  // What nobody can do here is not asked for at GitLab either.
  const scopes = [flags.access === "read" ? "read_api" : "api"];
  const tools = await ownOf(flags);
  const gitlab = await openStore({
    tools,
    policy: limits(flags),
    ...(flags.audit && { audit: {} }),
    ...(signIn && { scopes }),
  }).catch((error: unknown) => {
    throw forTerminal(error, { token: false });
  });
  let stopMetrics: (() => Promise<void>) | undefined;
  try {
    const { host, port, path, allowOrigin: allowedOrigins, metricsPort } = flags;
    stopMetrics = metricsPort === undefined ? undefined : await serveMetrics({ host, port: metricsPort });
    const { trustedHost: trustedHosts } = flags;
    const listening = {
      ...{ host, port, path },
      ...(allowedOrigins && { allowedOrigins }),
      ...(trustedHosts && { trustedHosts }),
      ...(signIn && { signIn }),
    };
    const time = (): string => new Date().toISOString();
    const onError = (error: unknown): void =>
      report(error instanceof Error ? error.message : String(error), { time: time(), error: plainError(error) });
    const onRequest = (request: McpRequest): void => report("", { time: time(), request });
    const reports = { onError, ...(flags.json && { onRequest }) };
    const server = await serveMcp({ gitlab, ...reports, ...offer(flags), ...listening });
    report(`MCP server at ${server.url}`, { url: server.url });
    if (signIn) announce(report, { publicUrl: signIn.publicUrl, path, scopes });
    // A store that does not answer is told of before anybody needs it; one that does is open by then.
    void gitlab.actions.listConnectedAccounts({ limit: 1 }).catch(onError);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await server.close();
  } finally {
    await stopMetrics?.();
    await gitlab.close();
  }
}

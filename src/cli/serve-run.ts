import type { AccountEvent } from "../accounts/events.js";
import { createJournal } from "../serve/journal.js";
import { gatewayDocument } from "../serve/document.js";
import type { GatewayRequest } from "../serve/options.js";
import { serveGateway } from "../serve/serve.js";
import type { Access } from "../definition/definition.js";
import { forTerminal } from "./advice.js";
import { openStore } from "./client.js";
import { readEnvironment, requireStore } from "./environment.js";
import { serveMetrics } from "./metrics.js";
import { plainError, printJson, reporter, UsageError } from "./output.js";
import { loadOwnTools } from "./own-tools.js";

export interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly trustedHost?: readonly string[];
  readonly redirectUri?: string;
  readonly callback?: boolean;
  readonly access?: Access;
  readonly projects?: readonly string[];
  readonly groups?: readonly string[];
  readonly tools?: readonly string[];
  readonly maxBody?: number;
  readonly rate?: number;
  readonly concurrent?: number;
  readonly audit?: boolean;
  readonly metricsPort?: number;
  readonly openapi?: boolean;
  readonly json?: boolean;
}

/** Where GitLab sends people back to: the product's page, or the gateway's own. */
function redirectOf({ callback = false, publicUrl, redirectUri }: ServeFlags): string | undefined {
  if (!callback) return redirectUri;
  if (redirectUri !== undefined)
    throw new UsageError("Give --redirect-uri or --callback: people come back to one page.");
  if (publicUrl === undefined)
    throw new UsageError("--callback needs --public-url, where GitLab sends people back to.");
  return `${new URL(publicUrl).origin}/callback/{connection}`;
}

/** @throws {UsageError} */
function hostOf(url: string | undefined): readonly string[] {
  if (url === undefined) return [];
  if (!URL.canParse(url)) throw new UsageError("--public-url is no URL, such as https://gitlab-gateway.example.com.");
  return [new URL(url).host];
}

export async function serve(flags: ServeFlags): Promise<void> {
  if (flags.openapi) return printJson(gatewayDocument());
  requireStore(readEnvironment());
  const { host, port, publicUrl, trustedHost = [], callback = false, metricsPort } = flags;
  const trustedHosts = [...hostOf(publicUrl), ...trustedHost];
  const redirectUri = redirectOf(flags);
  const report = reporter(flags);
  const time = (): string => new Date().toISOString();
  const onError = (error: unknown): void =>
    report(error instanceof Error ? error.message : String(error), { time: time(), error: plainError(error) });
  const onRequest = (request: GatewayRequest): void => report("", { time: time(), request });

  const stop = new AbortController();
  const halt = (): void => stop.abort();
  process.once("SIGINT", halt).once("SIGTERM", halt);
  let record = (_: AccountEvent): Promise<void> => Promise.resolve();
  const gitlab = await openStore({
    tools: await loadOwnTools(flags.tools),
    policy: {
      ...(flags.access && { access: flags.access }),
      ...(flags.projects && { projects: flags.projects }),
      ...(flags.groups && { groups: flags.groups }),
    },
    ...(flags.audit && { audit: {} }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(redirectUri !== undefined && { redirectUri }),
    onAccountEvent: (event) => record(event),
  }).catch((error: unknown) => {
    throw forTerminal(error, { token: false });
  });
  let stopMetrics: (() => Promise<void>) | undefined;
  try {
    stopMetrics = metricsPort === undefined ? undefined : await serveMetrics({ host, port: metricsPort });
    const journal = createJournal(gitlab);
    record = (event) => journal.record(event);
    const server = await serveGateway({
      ...{ gitlab, journal, host, port, trustedHosts, callback, onError },
      ...(flags.maxBody && { maxBodyBytes: flags.maxBody }),
      ...(flags.rate && { rateLimit: { messages: flags.rate, perSeconds: 60 } }),
      ...(flags.concurrent && { maxConcurrent: flags.concurrent }),
      ...(flags.json && { onRequest }),
    });
    report(`Gateway at ${server.url}`, { url: server.url });
    if (redirectUri !== undefined)
      report(`Register at GitLab: redirect URI ${redirectUri.replace("{connection}", "gitlab")}.`, {
        redirectUri: redirectUri.replace("{connection}", "gitlab"),
      });
    if (!stop.signal.aborted)
      await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
    await server.close();
  } finally {
    process.removeListener("SIGINT", halt).removeListener("SIGTERM", halt);
    await stopMetrics?.();
    await gitlab.close();
  }
}

import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab-types.js";
import { forTerminal } from "./advice.js";
import { createClient, openStore, personal } from "./client.js";
import { aboutAccount, aboutInstance, aboutProxy, type CheckResult, type Report } from "./doctor-checks.js";
import { readEnvironment } from "./environment.js";
import { CommandFailure, paint, print, printJson } from "./output.js";

const statuses = ["ACTIVE", "PENDING", "EXPIRED", "REVOKED"] as const;

const marks = { ok: ["green", "✓"], warning: ["yellow", "!"], failed: ["red", "✗"] } as const;

export async function doctor({ json }: { readonly json?: boolean }): Promise<void> {
  const findings: CheckResult[] = [];
  const report: Report = (finding) => {
    findings.push(finding);
    if (json) return;
    const [colour, mark] = marks[finding.status];
    print(`${paint(colour, mark)} ${paint("bold", finding.check)}: ${finding.message}`);
    if (finding.hint !== undefined) print(`  ${paint("cyan", "hint")}: ${finding.hint}`);
  };
  report({ check: "node", status: "ok", message: `Node ${process.versions.node}` });
  aboutProxy(report);
  const { token, keys } = readEnvironment();
  if (token !== undefined) await person(report);
  if (keys.length > 0) await store(report);
  if (token === undefined && keys.length === 0)
    report({
      check: "environment",
      status: "failed",
      message: "neither GITLAB_TOKEN nor GITLAB_AGENT_TOOLS_KEY is set",
      hint: "Set GITLAB_TOKEN (and GITLAB_URL) for one person, or GITLAB_AGENT_TOOLS_KEY and GITLAB_AGENT_TOOLS_STORE for a store of accounts.",
    });
  if (json) printJson(findings);
  const failed = findings.filter(({ status }) => status === "failed").length;
  if (failed > 0)
    throw new CommandFailure("unhealthy", failed === 1 ? "1 check has failed" : `${failed} checks have failed`);
}

/** `GITLAB_TOKEN` at `GITLAB_URL`. */
async function person(report: Report): Promise<void> {
  const { baseUrl = "https://gitlab.com" } = readEnvironment();
  await using(
    report,
    "GITLAB_TOKEN",
    async () => {
      const { gitlab, connect } = await createClient({});
      return { gitlab, begin: connect };
    },
    async (gitlab) => {
      await aboutInstance(report, "GITLAB_URL", { baseUrl });
      return async () => await aboutAccount(report, gitlab, { connectionName: "gitlab", identifier: personal });
    },
    true,
  );
}

/** The store, its key, its connections, and an account of each. */
async function store(report: Report): Promise<void> {
  const { store: place = "sqlite:./accounts.db" } = readEnvironment();
  await using(
    report,
    "store",
    async () => ({ gitlab: await openStore() }),
    async (gitlab) => {
      const { connectedAccounts } = await gitlab.actions.listConnectedAccounts();
      const shown =
        statuses
          .map((status) => ({ status, count: connectedAccounts.filter((one) => one.status === status).length }))
          .filter(({ count }) => count > 0)
          .map(({ status, count }) => `${count} ${status}`)
          .join(", ") || "no accounts";
      report({ check: "store", status: "ok", message: `${withoutPassword(place)}: ${shown}` });
      report({ check: "key", status: "ok", message: "GITLAB_AGENT_TOOLS_KEY opens the store" });
      for (const connection of await gitlab.connections.list()) {
        const { name } = connection;
        await aboutInstance(report, `connection ${name}`, connection);
        if (connection.clientId === undefined)
          report({
            check: `connection ${name}`,
            status: "warning",
            message: "it has no OAuth application: accounts can be connected with access tokens only",
            hint: "Register one on the instance, and give its id with connect --client-id or GITLAB_CLIENT_ID.",
          });
        const account = connectedAccounts.find((one) => one.connectionName === name && one.status === "ACTIVE");
        if (account) await aboutAccount(report, gitlab, account);
      }
      return () => Promise.resolve();
    },
  );
}

/** Opens a client, looks at it, and closes it; whatever goes wrong is a finding. */
async function using(
  report: Report,
  check: string,
  open: () => Promise<{ readonly gitlab: GitLab; readonly begin?: (() => Promise<void>) | undefined }>,
  look: (gitlab: GitLab) => Promise<() => Promise<void>>,
  token = false,
): Promise<void> {
  let gitlab: GitLab | undefined;
  try {
    const opened = await open();
    gitlab = opened.gitlab;
    const rest = await look(gitlab);
    await opened.begin?.();
    await rest();
  } catch (error) {
    const told = forTerminal(error, { token });
    const hint = told instanceof GitLabToolError ? told.hint : undefined;
    const message = told instanceof Error ? told.message : String(told);
    report({ check, status: "failed", message, ...(hint !== undefined && { hint }) });
  } finally {
    await gitlab?.close();
  }
}

function withoutPassword(place: string): string {
  if (!URL.canParse(place) || place.startsWith("sqlite:") || place === "memory:") return place;
  const { protocol, host, pathname } = new URL(place);
  return `${protocol}//${host}${pathname}`;
}

import { platformTransport } from "#transport";
import type { AccountKey, Connection } from "../accounts/types.js";
import { systemCode } from "../errors/network.js";
import type { GitLab } from "../gitlab-types.js";

/** What was looked at, and what is the matter with it. */
export interface CheckResult {
  /** What was looked at, such as `store` or `token of user_ada`. */
  readonly check: string;
  readonly status: "ok" | "warning" | "failed";
  readonly message: string;
  readonly hint?: string;
}

/** Reports a check's findings as they come. */
export type Report = (finding: CheckResult) => void;

const patienceMs = 10_000;
/** Signatures and tokens' ends are off by as much as the clock is. */
const mostSkewSeconds = 30;

/** The environment's proxies, without the passwords in them. */
export function aboutProxy(report: Report): void {
  const read = (name: string): string | undefined => process.env[name] ?? process.env[name.toLowerCase()];
  const set = ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"].flatMap((name) => {
    const value = read(name);
    return value ? [{ name, value }] : [];
  });
  const wrong = set.find(({ name, value }) => name !== "NO_PROXY" && !URL.canParse(value));
  if (wrong) {
    const hint = "Write it as http://proxy.example:3128.";
    report({ check: "proxy", status: "failed", message: `${wrong.name} is not the URL of a proxy`, hint });
    return;
  }
  const shown = set.map(({ name, value }) => `${name}=${name === "NO_PROXY" ? value : new URL(value).origin}`);
  report({ check: "proxy", status: "ok", message: shown.join(", ") || "none" });
}

/** Whether the instance can be reached, whether it is GitLab, and what its clock says. */
export async function aboutInstance(
  report: Report,
  check: string,
  { baseUrl, network }: Pick<Connection, "baseUrl" | "network">,
): Promise<void> {
  if (network) {
    // What they are is sealed in the store; a call of an account goes that way.
    report({ check, status: "ok", message: `${baseUrl}, by its own ${network.join(", ")}` });
    return;
  }
  const began = Date.now();
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const request = {
      method: "GET",
      url: `${baseUrl}/api/v4/metadata`,
      headers: { accept: "application/json" },
      signal,
    };
    const { status, headers, body } = await platformTransport().send(request);
    body.cancel();
    const ms = Date.now() - began;
    const isGitLab = status === 401 || headers.has("x-gitlab-meta");
    report(
      isGitLab
        ? { check, status: "ok", message: `${baseUrl} answers in ${ms} ms` }
        : {
            check,
            status: "failed",
            message: `${baseUrl} answers ${status}, as GitLab does not`,
            hint: "Check the address, and the path that GitLab is under, if any.",
          },
    );
    aboutClock(report, check, headers.get("date"), began + ms / 2);
  } catch (error) {
    const because = systemCode(error) ?? (error instanceof Error ? error.message : String(error));
    report({
      check,
      status: "failed",
      message: `${baseUrl} cannot be reached (${because})`,
      hint: "Check the address, DNS, certificates and the proxy.",
    });
  }
}

function aboutClock(report: Report, check: string, date: string | null, now: number): void {
  const there = Date.parse(date ?? "");
  if (Number.isNaN(there)) return;
  // The header has whole seconds.
  const seconds = Math.round(Math.abs(there + 500 - now) / 1000);
  const finding: CheckResult =
    seconds <= mostSkewSeconds
      ? { check: "clock", status: "ok", message: `as that of ${check}` }
      : {
          check: "clock",
          status: "warning",
          message: `this machine and ${check} differ by ${seconds} s`,
          hint: "Set the clock by NTP: tokens are renewed by it, and signed webhooks refused.",
        };
  report(finding);
}

/** Who a token acts as, what it may do, and which GitLab answers it. */
export async function aboutAccount(
  report: Report,
  gitlab: GitLab,
  { connectionName, identifier }: AccountKey,
): Promise<void> {
  const account = { connectionName, identifier };
  const check = `token of ${identifier} on ${connectionName}`;
  try {
    const call = { ...account, toolName: "gitlab_current_user_get", toolInput: {} } as const;
    const { data } = await gitlab.executeTool(call);
    const { scopes = [], version } = await gitlab.actions.getAbilities(account);
    const canWrite = scopes.length === 0 || scopes.includes("api");
    report({
      check,
      status: canWrite ? "ok" : "warning",
      message: `@${data.username}, scopes ${scopes.join(", ") || "unknown"}`,
      ...(!canWrite && { hint: "It reads only: tools that change something need the scope api." }),
    });
    report(
      version === undefined
        ? { check: "version", status: "warning", message: `the instance of ${connectionName} does not say which it is` }
        : { check: "version", status: "ok", message: `GitLab ${version} on ${connectionName}` },
    );
  } catch (error) {
    report({ check, status: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

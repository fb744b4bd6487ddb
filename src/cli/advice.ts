import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { defaultConnection } from "../gitlab-options.js";
import { personal } from "./client.js";

/** Whom an error is about: the person of `GITLAB_TOKEN`, or an account of the store. */
export interface AdviceContext {
  readonly connection?: string;
  readonly identifier?: string;
  readonly token: boolean;
  /** The instance, where flags and not the environment name it. */
  readonly url?: string;
}

/** As a shell takes it. */
const word = (text: string): string =>
  /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The command line that connects the account, again or for the first time. */
function connectCommandLine({ connection, identifier }: AdviceContext, flags = ""): string {
  const whose = identifier === undefined || identifier === personal ? "" : ` --identifier ${word(identifier)}`;
  const where = connection === undefined || connection === defaultConnection ? "" : ` --connection ${word(connection)}`;
  return `gitlab-agent-tools connect${whose}${where}${flags}`;
}

/** What to do about it at a terminal; `undefined` where the library's hint holds there, too. */
function adviceOn({ code, details }: GitLabToolError, concerned: AdviceContext): string | undefined {
  const { token, url } = concerned;
  switch (code) {
    case "account_not_connected":
    case "account_revoked":
      return token
        ? `Replace GITLAB_TOKEN by a valid token of ${url ?? "the instance in GITLAB_URL (default: https://gitlab.com)"}.`
        : `Run \`${connectCommandLine(concerned)}\` to connect the account.`;
    case "account_not_found":
      return `Run \`${connectCommandLine(concerned)}\` to connect it; \`gitlab-agent-tools accounts list\` shows the accounts that there are.`;
    case "insufficient_scope": {
      const needed: unknown = Array.isArray(details?.["needed"]) ? details["needed"][0] : undefined;
      const scope = typeof needed === "string" ? needed : "api";
      return token
        ? `Make a token with the scope ${scope} and set GITLAB_TOKEN to it.`
        : `Run \`${connectCommandLine(concerned, ` --scopes ${scope}`)}\` to authorize it again with this scope.`;
    }
    case "connection_not_found":
      return `Run \`${connectCommandLine(concerned, " --url URL --client-id ID")}\` to add it, or name another --connection.`;
    case "connection_misconfigured":
      if (details?.["reason"] !== "http") return undefined;
      return "Give its https:// address: the command line sends tokens over http:// to this machine only.";
    default:
      return undefined;
  }
}

/** The error with a hint for a person at a terminal, who calls no functions. Other errors are as they were. */
export function forTerminal(error: unknown, concerned: AdviceContext): unknown {
  if (!(error instanceof GitLabToolError)) return error;
  const hint = adviceOn(error, concerned);
  if (hint === undefined) return error;
  const { code, message, retryable, status, toolName, requestId, details, cause } = error;
  return new GitLabToolError({ code, message, hint, retryable, status, toolName, requestId, details, cause });
}

import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { refusal } from "../adapters/run-tool.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab.js";
import { withSignIn } from "./sign-in.js";
import { createMcpTools, type McpTools, type McpToolsOptions } from "./tools.js";

/** One person's account: a token that is still to be connected, or an account of a store. */
export interface PersonalOptions extends Omit<McpToolsOptions, "identifier" | "connectionName" | "authorization"> {
  readonly gitlab: GitLab;
  readonly account: { readonly connectionName: string; readonly identifier: string };
  /** Connects the token of the environment; absent for an account of a store. */
  readonly connect?: () => Promise<void>;
  /** Shows the person a line where clients show none of ours. */
  readonly tell: (line: string) => void;
}

/** Tools for the person at this machine, who is signed in when the first call needs it. */
export function personalTools(server: Server, { account, connect, tell, ...options }: PersonalOptions): McpTools {
  const { gitlab } = options;
  const tools = createMcpTools({ ...options, ...account, authorization: false });
  if (!connect) return withSignIn(tools, server, { start: () => gitlab.startDeviceFlow(account), tell });

  let connecting: Promise<void> | undefined;
  return {
    ...tools,
    async run(name, input, call) {
      try {
        connecting ??= connect();
        await connecting;
      } catch (error) {
        connecting = undefined;
        return refusal(tokenRefused(error));
      }
      return await tools.run(name, input, call);
    },
  };
}

function tokenRefused(error: unknown): GitLabToolError {
  if (!(error instanceof GitLabToolError))
    return new GitLabToolError({ code: "internal", message: "The token could not be tried.", cause: error });
  if (error.code !== "account_not_connected") return error;
  return new GitLabToolError({
    code: error.code,
    message: error.message,
    hint: "Tell the person that GITLAB_TOKEN has to be replaced by a living token of the instance in GITLAB_URL.",
  });
}

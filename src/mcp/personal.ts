import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { discoveryToolbox } from "../adapters/discovery.js";
import { refusal } from "../adapters/refusal.js";
import { createToolbox, toToolError, type Toolbox } from "../adapters/run-tool.js";
import { selectTools } from "../adapters/select.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab.js";
import { mcpOptions } from "./options.js";
import { withSignIn } from "./sign-in.js";
import { toMcpTools, type McpOffer, type McpTools } from "./tools.js";

/** One person's account: a token that is still to be connected, or an account of a store. */
export interface PersonalAccount {
  readonly gitlab: GitLab;
  readonly account: { readonly connectionName: string; readonly identifier: string };
  /** Connects the token of the environment; absent for an account of a store. */
  readonly connect?: () => Promise<void>;
}

export interface PersonalOptions extends Omit<McpOffer, "authorization"> {
  /** Opens the account when the first call needs it: a list of tools needs no client. */
  readonly open: () => Promise<PersonalAccount>;
  /** Shows the person a line where clients show none of ours. */
  readonly tell: (line: string) => void;
}

/** Tools for the person at this machine, who is signed in when the first call needs it. */
export function personalTools(server: Server, { open, tell, ...offer }: PersonalOptions): McpTools {
  let opening: Promise<Toolbox> | undefined;

  async function openToolbox(): Promise<Toolbox> {
    const { gitlab, account, connect } = await open();
    const toolbox = createToolbox({ ...offer, ...account, gitlab, authorization: false }, mcpOptions);
    return connect
      ? withToken(toolbox, connect)
      : withSignIn(toolbox, server, { start: () => gitlab.startDeviceFlow(account), tell });
  }

  const toolbox: Toolbox = {
    definitions: selectTools(offer.select),
    async run(name, input, call) {
      let opened: Toolbox;
      try {
        opened = await (opening ??= openToolbox());
      } catch (error) {
        // The next call tries again: a store or an instance that was away may be back.
        opening = undefined;
        return refusal(toToolError(error), offer.maxResultTokens);
      }
      return await opened.run(name, input, call);
    },
  };
  return toMcpTools(offer.discovery ? discoveryToolbox(toolbox, offer) : toolbox, offer);
}

/** Tools that connect their token before the first call, and try again before the next where that failed. */
function withToken(toolbox: Toolbox, connect: () => Promise<void>): Toolbox {
  let connecting: Promise<void> | undefined;
  return {
    ...toolbox,
    async run(name, input, call) {
      try {
        connecting ??= connect();
        await connecting;
      } catch (error) {
        connecting = undefined;
        return refusal(tokenRefused(error));
      }
      return await toolbox.run(name, input, call);
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

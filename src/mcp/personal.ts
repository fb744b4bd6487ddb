import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { discoveryToolbox } from "../adapters/discovery.js";
import { refusal, toToolError } from "../adapters/refusal.js";
import { selectTools } from "../adapters/select.js";
import { asksFirst, show } from "../adapters/show.js";
import { openToolbox, type Toolbox } from "../adapters/toolbox.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab.js";
import { checkServerOptions } from "./options.js";
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

  const { discovery = false, structuredContent = false, ...rest } = offer;
  const options = { ...rest, outputSchema: structuredContent };
  const tools = selectTools(offer.select);

  async function openAccount(): Promise<Toolbox> {
    const { gitlab, account, connect } = await open();
    checkServerOptions({ ...offer, ...account, gitlab });
    const toolbox = openToolbox({ ...options, ...account, gitlab, authorization: false });
    return connect
      ? withToken(toolbox, connect)
      : withSignIn(toolbox, server, { start: () => gitlab.startDeviceFlow(account), tell });
  }

  const toolbox: Toolbox = {
    get definitions() {
      return tools.map((tool) => show(tool, options));
    },
    needsConfirmation: (name) => tools.some((tool) => tool.name === name && asksFirst(tool, offer.confirm)),
    async run(name, input, call) {
      let opened: Toolbox;
      try {
        opened = await (opening ??= openAccount());
      } catch (error) {
        // The next call tries again: a store or an instance that was away may be back.
        opening = undefined;
        return refusal(toToolError(error), offer.maxResultTokens);
      }
      return await opened.run(name, input, call);
    },
  };
  return toMcpTools(discovery ? discoveryToolbox(tools, toolbox, offer) : toolbox, offer);
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

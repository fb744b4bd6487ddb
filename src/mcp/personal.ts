import { readableArguments } from "../adapters/arguments.js";
import { discoveryToolbox } from "../adapters/discovery.js";
import { refusal, toToolError } from "../adapters/refusal.js";
import { asksFirst, show } from "../adapters/show.js";
import { offeredTools, openToolbox, type Toolbox } from "../adapters/toolbox.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab-types.js";
import type { Abilities } from "../tools/abilities.js";
import type { OwnTool } from "../tools/own-tools.js";
import { createAsking } from "./ask.js";
import { checkServerOptions } from "./options.js";
import { deviceSignIn } from "./sign-in.js";
import { fitting, type McpOffer, type McpTools, type SignIn } from "./tools.js";

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
  /** Tools of the person's own, which the client is opened with. */
  readonly tools?: readonly OwnTool[];
  /** Shows the person a line where clients show none of ours. */
  readonly writeLine: (line: string) => void;
  /** Ends with the connection. */
  readonly signal: AbortSignal;
  /** Told when the account or its instance turns out to rule tools out. */
  readonly onListChanged?: () => void;
}

interface Opened {
  readonly toolbox: Toolbox;
  readonly signIn?: SignIn;
}

/** Tools for the person at this machine, who is signed in when the first call needs it. */
export function personalTools({
  open,
  writeLine,
  signal,
  onListChanged,
  tools: own,
  ...offer
}: PersonalOptions): McpTools {
  let opening: Promise<Opened> | undefined;
  let abilities: Abilities = {};

  const { discovery = false, structuredContent = false, confirm, ...rest } = offer;
  const options = { ...rest, ...(confirm && { confirm }), outputSchema: structuredContent };
  const tools = offeredTools(offer, own);
  const asking = createAsking("personal");

  async function openAccount(): Promise<Opened> {
    const { gitlab, account, connect } = await open();
    checkServerOptions({ ...offer, ...account, gitlab });
    const learnt = async (): Promise<void> => {
      abilities = await gitlab.actions.getAbilities(account);
      if (fitting(toolbox, tools, abilities).length < tools.length) onListChanged?.();
    };
    const opened = openToolbox({ ...options, discovery: false, ...account, gitlab, authorization: false }, tools);
    if (connect) return { toolbox: withToken(opened, connect, learnt) };
    await learnt().catch(() => undefined);
    const byDevice = deviceSignIn({ start: () => gitlab.startDeviceFlow(account), writeLine, signal, asking });
    const signIn: SignIn = async (person, question) => {
      const way = await byDevice(person, question);
      if (way === "connected") await learnt();
      return way;
    };
    return { toolbox: opened, signIn };
  }

  async function opened(): Promise<Opened> {
    try {
      return await (opening ??= openAccount());
    } catch (error) {
      // The next call tries again: a store or an instance that was away may be back.
      opening = undefined;
      throw error;
    }
  }

  const toolbox: Toolbox = {
    get definitions() {
      return tools.map((tool) => show(tool, options));
    },
    needsConfirmation: (name, input) =>
      tools.some((tool) => tool.name === name && asksFirst(tool, confirm, readableArguments(input))),
    async run(name, input, call) {
      try {
        return await (await opened()).toolbox.run(name, input, call);
      } catch (error) {
        return refusal(toToolError(error), offer.maxResultTokens);
      }
    },
  };
  const offered = discovery ? discoveryToolbox(tools, toolbox, options) : toolbox;

  return {
    list: () => Promise.resolve(fitting(offered, tools, abilities)),
    run: offered.run,
    needsConfirmation: offered.needsConfirmation,
    offers: (name) => tools.some((tool) => tool.name === name),
    runOffered: toolbox.run,
    titleOf: (name) => tools.find((tool) => tool.name === name)?.title ?? name,
    structuredContent,
    ...(confirm && { confirm }),
    asking,
    signIn: async (person, question) => (await opened()).signIn?.(person, question),
  };
}

/** Tools that connect their token before the first call, and try again before the next where that failed. */
function withToken(toolbox: Toolbox, connect: () => Promise<void>, connected: () => Promise<void>): Toolbox {
  let connecting: Promise<void> | undefined;
  return {
    ...toolbox,
    async run(name, input, call) {
      try {
        connecting ??= connect().then(connected);
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

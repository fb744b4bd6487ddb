import { keyText } from "./stores/key-text.js";
import type { AccountKey } from "./accounts/types.js";
import type * as Machinery from "./gitlab-calls.js";
import { refuseUndefined } from "./options/words.js";
import type { CallOptions, GitLabAccount, ToolResult } from "./tools/account.js";
import { apiClient } from "./tools/api-client.js";
import type { ToolDefinition } from "./definition/definition.js";
import type { CallOwner } from "./tools/execute.js";

/** What carries a client's calls out, and what they share. */
export type Calls = typeof Machinery & { readonly runtime: Machinery.Runtime };

/** The same calls under policies of their own. */
export const under = (calls: Calls, policies: Calls["runtime"]["policies"]): Calls => ({
  ...calls,
  runtime: { ...calls.runtime, policies },
});

/** An account bound to a client. What carries its calls out is loaded with the first. */
export function boundAccount(key: AccountKey, load: () => Promise<Calls>): GitLabAccount {
  const caller = { key, account: keyText(key) };
  let loaded: Promise<Calls> | undefined;
  const calls = (): Promise<Calls> => (loaded ??= load());
  let api: GitLabAccount["api"] | undefined;
  const request: GitLabAccount["request"] = async (
    raw: Parameters<GitLabAccount["request"]>[0],
    options?: CallOptions,
  ) => {
    const loaded = await calls();
    const { definition, input } = loaded.rawTool(raw);
    return (await perform(loaded, caller, definition, input, options)) as ToolResult<never>;
  };
  return {
    ...key,
    request,
    get api() {
      return (api ??= apiClient(request));
    },
    async execute<Data>(definition: ToolDefinition, input: unknown, options?: CallOptions) {
      if (options) refuseUndefined(options, "The options of the call");
      return (await perform(await calls(), caller, definition, input, options)) as ToolResult<Data>;
    },
    async *pages<Item>(definition: ToolDefinition, input: unknown, options?: CallOptions) {
      const loaded = await calls();
      const items = definition.run
        ? pageOfSteps(loaded, caller, definition, input, options)
        : loaded.pages(loaded.runtime, caller, definition, input, options);
      yield* items as AsyncGenerator<Item, void, undefined>;
    },
  };
}

/** Carries out a tool of one call, or of several, which are loaded on first use. */
export async function perform(
  { execute, runtime }: Calls,
  caller: CallOwner,
  definition: ToolDefinition,
  input: unknown,
  options?: CallOptions,
): Promise<ToolResult<unknown>> {
  if (!definition.run) return (await execute(runtime, caller, definition, input, options)).result;
  const { performSteps } = await import("./workflows/perform.js");
  return await performSteps(runtime, caller, definition, input, options);
}

/** What several calls bring back as a list is one page. */
async function* pageOfSteps(...call: Parameters<typeof perform>): AsyncGenerator<unknown, void, undefined> {
  const { data } = await perform(...call);
  if (Array.isArray(data)) yield* data;
}

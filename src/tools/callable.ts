import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { CallOptions, Compact, CompactOptions, DryRunRequest, GitLabAccount, ToolResult } from "./account.js";
import type { ToolDefinition } from "../definition/definition.js";

/** A tool's function. Where only the run decides whether it is a dry one, the result may be either. */
interface ToolSignatures<Input, Data> {
  (account: GitLabAccount, input: Input, options: CallOptions & { dryRun: true }): Promise<ToolResult<DryRunRequest>>;
  (account: GitLabAccount, input: Input, options: CompactOptions & Real): Promise<ToolResult<Compact<Data>>>;
  (account: GitLabAccount, input: Input, options?: CallOptions & Real): Promise<ToolResult<Data>>;
  (account: GitLabAccount, input: Input, options: CompactOptions): Promise<ToolResult<Compact<Data> | DryRunRequest>>;
  (account: GitLabAccount, input: Input, options: CallOptions): Promise<ToolResult<Data | DryRunRequest>>;
  // Once more: `ReturnType` reads the last one.
  (account: GitLabAccount, input: Input, options?: CallOptions & Real): Promise<ToolResult<Data>>;
}

/** Options of a call that is certainly sent. */
interface Real {
  readonly dryRun?: false | undefined;
}

/** A typed tool: call it with an account and its input. */
export interface Tool<Input, Data> extends ToolSignatures<Input, Data> {
  readonly definition: ToolDefinition;
}

/** A typed tool whose answer is a list; `pages` walks all of it. */
export interface ListTool<Input, Item> extends Tool<Input, Item[]> {
  /**
   * Every item of every page, fetched lazily: the next page is asked for when the loop gets there.
   * Offset and keyset pagination alike (GitLab documentation, "REST API pagination").
   */
  pages(
    account: GitLabAccount,
    input: Input,
    options: CompactOptions,
  ): AsyncGenerator<Record<string, unknown>, void, undefined>;
  pages(account: GitLabAccount, input: Input, options?: CallOptions): AsyncGenerator<Item, void, undefined>;
}

/** Callers without types may pass something else. */
function isAccount(account: unknown): boolean {
  return typeof account === "object" && account !== null && "execute" in account && "pages" in account;
}

function withoutAccount({ name }: ToolDefinition): GitLabToolError {
  return new GitLabToolError({
    code: "invalid_input",
    message: `${name} was called without an account.`,
    hint: "Pass the account first: the function takes gitlab.as(identifier), then the input.",
    toolName: name,
    details: { fields: [{ field: "account", message: "expected an account, as gitlab.as(identifier) gives it" }] },
  });
}

/** Reads a definition once: a call after the first has it at hand. */
function once(read: () => ToolDefinition): () => ToolDefinition {
  let definition: ToolDefinition | undefined;
  return () => (definition ??= read());
}

/** Makes a definition callable, which is read with the first call. */
export function callable<Input, Data>(read: () => ToolDefinition): Tool<Input, Data> {
  const definition = once(read);
  const call: ToolSignatures<Input, Data> = (
    account: GitLabAccount,
    input: Input,
    options?: CallOptions,
  ): Promise<ToolResult<never>> =>
    isAccount(account)
      ? account.execute<never>(definition(), input, options)
      : Promise.reject(withoutAccount(definition()));
  define(call, definition);
  return call;
}

/** Gives a function its `definition`, as a plain property shows it. */
function define<Call extends object>(
  call: Call,
  definition: () => ToolDefinition,
): asserts call is Call & { readonly definition: ToolDefinition } {
  Object.defineProperty(call, "definition", { get: definition, enumerable: true });
}

/** Makes the definition of a list callable, with its `pages`. */
export function callableList<Input, Item>(read: () => ToolDefinition): ListTool<Input, Item> {
  const definition = once(read);
  const called = callable<Input, Item[]>(definition);
  function pages(
    account: GitLabAccount,
    input: Input,
    options: CompactOptions,
  ): AsyncGenerator<Record<string, unknown>, void, undefined>;
  function pages(account: GitLabAccount, input: Input, options?: CallOptions): AsyncGenerator<Item, void, undefined>;
  function pages(
    account: GitLabAccount,
    input: Input,
    options?: CallOptions,
  ): AsyncGenerator<unknown, void, undefined> {
    if (!isAccount(account)) throw withoutAccount(definition());
    return account.pages(definition(), input, options);
  }
  return Object.assign(called, { pages });
}

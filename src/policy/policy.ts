import type { AccountKey } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import { unlessAborted } from "../http/budget.js";
import type { DryRunRequest } from "../http/wire.js";
import type { Access, ToolDefinition } from "../definition/definition.js";
import { isAtMost } from "./access.js";
import { matchesGlobs, namesOf } from "./glob.js";
import type { QuickActionPolicy } from "./quick-actions.js";
import type { RoleWord } from "./role-words.js";
import type { Revealing } from "./visibility.js";

/** What a client's calls may do. Everything that is given must hold. */
export interface Policy {
  /** The most that a tool may do: `read` allows only reads, `write` nothing destructive. */
  readonly access?: Access;
  /** Only tools of these areas. */
  readonly areas?: readonly string[];
  /** Only these tools: names, or globs such as `gitlab_issue*`; one that begins with `!` takes away. */
  readonly tools?: readonly string[];
  /**
   * Only these projects, and those of {@link groups}: numbers, paths, or web URLs. The project that a call really
   * reaches is compared, whichever way it was named. Numbers and paths count on every connection, web URLs on theirs.
   */
  readonly projects?: readonly (string | number)[];
  /** Only these groups with all that is in them: subgroups and projects. */
  readonly groups?: readonly (string | number)[];
  /**
   * What happens to quick actions in texts. Default: `allow`, but for those that lead out, such as `/move`, where
   * {@link projects} or {@link groups} are given.
   */
  readonly quickActions?: QuickActionPolicy;
  /**
   * `wrap` puts what people wrote in GitLab into markers, in every view. `{ below, show }` leaves out, or marks, what
   * people wrote who have less than a role in the project: issues, merge requests, comments. Files, diffs and logs have
   * no author and stay. Default: `plain`.
   */
  readonly untrusted?: "plain" | "wrap" | UntrustedBelow;
  /**
   * `guard` keeps text that a conversation has read in private projects from being written where more people can read it:
   * such a change is only made where `onBeforeWrite` approves it with `true`. What was read is remembered in the client's
   * store for a week; calls without `conversation` are one conversation of their account. Default: `off`.
   */
  readonly visibility?: "guard" | "off";
  /**
   * `mask` hides secrets in answers: tokens and keys by their shape, and the values of masked and hidden CI/CD
   * variables. Default: `mask` in the compact view, which agents read, `show` in the full one. An input that contains a
   * mask is always refused: written back, it would destroy what it hides.
   */
  readonly secrets?: "mask" | "show";
  /**
   * Where `save_to` may write: below this folder only, or nowhere with `false`. A file that exists is never replaced.
   * Default: anywhere for typed functions, nowhere for calls by name and for the agents of adapters and MCP servers.
   */
  readonly downloads?: string | false | undefined;
  /**
   * Where files that are uploaded may be read from: below this folder only, or nowhere with `false`. Content that is
   * given in the call is not concerned. Default: anywhere for typed functions, nowhere for calls by name and for the
   * agents of adapters and MCP servers.
   */
  readonly uploads?: string | false | undefined;
}

/** Who is not to be read, and what becomes of what they wrote. */
export interface UntrustedBelow {
  /** The least role in the project, or the group, whose holders are read. */
  readonly below: RoleWord;
  /** `drop` leaves it out and says so, `mark` puts it into markers. */
  readonly show: "drop" | "mark";
}

/** A change that waits for approval. */
export interface PendingWrite extends AccountKey {
  readonly toolName: string;
  readonly access: "write" | "destructive";
  /** The tool that this change is a step of, where one is made of several calls. */
  readonly partOf?: string;
  /** The request exactly as it will be sent, the token left out. */
  readonly request: DryRunRequest;
  /** Under `visibility: "guard"`: it could show to more people what fewer can read. Only `true` approves it. */
  readonly reveals?: Revealing;
  /** The call's own signal. */
  readonly signal?: AbortSignal;
}

/**
 * Asked before each change. `false` refuses it; so does throwing, and anything but `true` where `reveals` is given. The time that it takes does not count against the
 * call's budget.
 */
export type WriteApproval = (write: PendingWrite) => boolean | undefined | void | Promise<boolean | undefined | void>;

const rules: readonly {
  readonly name: "access" | "areas" | "tools";
  readonly breaks: (policy: Policy, definition: ToolDefinition) => boolean;
  readonly says: (policy: Policy, definition: ToolDefinition) => string;
}[] = [
  {
    name: "access",
    breaks: ({ access }, definition) => access !== undefined && !isAtMost(definition.access, access),
    says: ({ access }, definition) =>
      access === "read"
        ? `this client only reads, and ${definition.name} changes things`
        : `this client destroys nothing, and ${definition.destructive_when ? "this call of " : ""}${definition.name} does`,
  },
  {
    name: "areas",
    breaks: ({ areas }, { area }) => areas !== undefined && !areas.includes(area),
    says: ({ areas = [] }) => `this client is limited to ${areas.join(", ") || "no area at all"}`,
  },
  {
    name: "tools",
    breaks: ({ tools }, definition) =>
      tools !== undefined && (tools.length === 0 || !matchesGlobs(namesOf(definition), tools)),
    says: ({ tools = [] }) => `this client is limited to ${tools.join(", ") || "no tool at all"}`,
  },
];

/** @throws {GitLabToolError} `forbidden` */
export function checkTool(policies: readonly Policy[], definition: ToolDefinition): void {
  for (const policy of policies) {
    const rule = rules.find(({ breaks }) => breaks(policy, definition));
    if (rule) throw refusedByPolicy(definition.name, rule.name, rule.says(policy, definition));
  }
}

/**
 * What holds for a step of a tool made of several calls. Where it leads, how far it goes and whose texts it writes is
 * judged as ever; areas and names that are let in let the whole tool in, and names that are taken away are taken away
 * from its steps as well. How answers are shown is for the whole.
 */
export function forStep({ areas: _, tools, untrusted, secrets: __, ...rest }: Policy): Policy {
  const without = (tools ?? []).filter((glob) => glob.startsWith("!"));
  // Who wrote a text is known where it is read, and no longer in the answer of the whole.
  return {
    ...rest,
    ...(typeof untrusted === "object" && { untrusted }),
    ...(without.length > 0 && { tools: without }),
  };
}

/** A call that the client's own policy does not let through. Nothing of it was sent. */
export function refusedByPolicy(
  toolName: string,
  rule: string,
  because: string,
  details: Readonly<Record<string, unknown>> = {},
): GitLabToolError {
  return new GitLabToolError({
    code: "forbidden",
    message: `Not allowed here: ${because}.`,
    hint: "Nothing was sent. Do without it, or tell the user what is needed and why.",
    toolName,
    details: { policy: rule, ...details },
  });
}

/** Whether any policy names the projects or groups that calls may reach. */
export function isConfined(policies: readonly Policy[]): boolean {
  return policies.some(({ projects, groups }) => projects !== undefined || groups !== undefined);
}

/** Whether any policy keeps what was read from being written where more can read it. */
export const guardsVisibility = (policies: readonly Policy[]): boolean =>
  policies.some(({ visibility }) => visibility === "guard");

/** Whether secrets in an answer are hidden: where any policy says so, or none says otherwise of the compact view. */
export function masksSecrets(policies: readonly Policy[], compact: boolean): boolean {
  const said = policies.map(({ secrets }) => secrets);
  return said.includes("mask") || (compact && !said.includes("show"));
}

/** The strictest of the policies' words on quick actions. */
export function quickActionPolicy(policies: readonly Policy[]): QuickActionPolicy {
  const said = policies.map(({ quickActions }) => quickActions ?? "allow");
  return said.includes("refuse") ? "refuse" : said.includes("escape") ? "escape" : "allow";
}

/** A change that could show to more people what fewer can read. Nothing of it was sent. */
export function wouldReveal(toolName: string, { from, to }: Revealing): GitLabToolError {
  const who = to === "public" ? "everybody can read it" : "everybody who signs in can read it";
  const read = from.length > 0 ? ` (${from.join(", ")})` : "";
  return new GitLabToolError({
    code: "forbidden",
    message: `Not allowed here: this conversation has read what not everybody can read${read}, and ${toolName} writes where ${who}.`,
    hint: "Nothing was sent. Tell the user what would be written where; a person has to approve it, or write it.",
    toolName,
    details: { policy: "visibility", from, to },
  });
}

/** Asks for approval of a change; returns when it is given. The caller's signal ends the waiting. */
export async function askApproval(ask: WriteApproval, write: PendingWrite, signal?: AbortSignal): Promise<void> {
  let answer: boolean | undefined | void;
  try {
    answer = await unlessAborted(Promise.resolve(ask(signal ? { ...write, signal } : write)), signal);
  } catch (error) {
    if (signal?.aborted || error instanceof GitLabToolError) throw error;
    throw new GitLabToolError({
      code: "forbidden",
      message: "The change was not approved: onBeforeWrite failed.",
      hint: "Nothing was sent. Tell the user.",
      toolName: write.toolName,
      details: { policy: "onBeforeWrite" },
      cause: error,
    });
  }
  if (write.reveals && answer !== true) throw wouldReveal(write.toolName, write.reveals);
  if (answer === false) throw refusedByPolicy(write.toolName, "onBeforeWrite", "the change was not approved");
}

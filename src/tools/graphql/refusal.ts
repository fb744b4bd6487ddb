import { parseErrorBody } from "../../errors/body.js";
import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import type { Finding } from "../../errors/refused-call.js";
import { isObject } from "../../is-object.js";
import type { Needs } from "../../definition/graphql-call.js";
import { has, type Build } from "./text.js";

/** What is known of a call that GitLab answered with errors. */
export interface RefusedText {
  readonly toolName: string;
  readonly isRead: boolean;
  readonly status: number;
  readonly requestId?: string;
  readonly tier?: string;
  /** The tool that shows what there is, for a hint. */
  readonly finder?: string;
  /** Tools that help here, by what they are about. */
  readonly see?: Readonly<Record<string, string>>;
  readonly build: Build;
  readonly secrets: readonly string[];
}

/** An error of a GraphQL answer: its words, and the code that GitLab's server gives it. */
interface ReportedError {
  readonly text: string;
  readonly code?: string;
  readonly isSpam: boolean;
}

/** Each question about GitLab's words, and what it means when they say so. */
const rules: readonly {
  readonly when: (error: ReportedError) => boolean;
  readonly finding: (words: string, refused: RefusedText) => Finding;
}[] = [
  {
    // The schema follows the build: https://docs.gitlab.com/api/graphql/#deprecation-and-removal-process
    when: ({ text, code }) =>
      /doesn't (?:exist on type|accept argument)|isn't a defined|No such type|undefined (?:field|type|argument)/i.test(
        text,
      ) || /^(?:undefined|argumentNotAccepted)/.test(code ?? ""),
    finding: (words, { build, tier, toolName }) => ({
      code: "not_available",
      message: `${instanceWords(build)} does not have what ${toolName} asks for: ${words}.`,
      hint: `Do without it, or tell the user: a newer GitLab, or an Enterprise build${tier ? ` with a ${tier} plan` : ""}, has it.`,
    }),
  },
  {
    when: ({ text }) => /requested too many times|rate limit/i.test(text),
    finding: (words) => ({
      code: "rate_limited",
      message: `GitLab takes no more of these for now: ${words}.`,
      hint: "Wait a minute, then call again.",
      retryable: true,
    }),
  },
  {
    when: ({ text }) => /does(?: not|n't) exist or you don't have permission|could not be found|not found/i.test(text),
    finding: (_, { finder }) => ({
      code: "not_found",
      message: "GitLab has nothing of that name or id that this user can see or change.",
      hint: finder === undefined ? "Check the names and ids." : `Call ${finder} to find what there is.`,
    }),
  },
  {
    when: ({ text }) => /widget keys are not supported/i.test(text),
    finding: (words, { see }) => ({
      code: "validation_failed",
      message: `GitLab refused: ${words}.`,
      hint: `This type of work item, or the namespace's plan, lacks it${see?.["type"] === undefined ? "" : `: ${see["type"]} shows what each type may carry`}.`,
    }),
  },
  {
    when: ({ isSpam }) => isSpam,
    finding: (words) => ({
      code: "forbidden",
      message: `GitLab took the text for spam: ${words}.`,
      hint: "Nothing was created. Tell the user, who can do it in GitLab itself.",
    }),
  },
  {
    when: ({ text }) => /insufficient_scope|not accessible|not authori[sz]ed|permission/i.test(text),
    finding: (words) => ({
      code: "forbidden",
      message: `GitLab does not allow it: ${words}.`,
      hint: "Tell the user which right is missing.",
    }),
  },
  {
    when: ({ text }) => /timed out|timeout/i.test(text),
    finding: (words, { isRead }) => ({
      code: "gitlab_unavailable",
      message: `GitLab did not finish in time: ${words}.`,
      hint: isRead ? "Call again with a smaller first." : "Read the present state before calling again.",
      retryable: isRead,
    }),
  },
  {
    when: ({ text }) => /internal server error/i.test(text),
    finding: (words, { isRead }) => ({
      code: "gitlab_unavailable",
      message: `GitLab failed: ${words}.`,
      hint: isRead ? "Call again later." : "Read the present state before calling again.",
      retryable: isRead,
    }),
  },
];

/** What GitLab's words in an answer's `errors`, or in a mutation's own, come to. */
export function refusedText(errors: readonly unknown[], refused: RefusedText): GitLabToolError {
  const reported = errors.slice(0, 5).map((error) => reportedError(error, refused.secrets));
  const words =
    [...new Set(reported.map(({ text }) => text.replace(/[.\s]+$/, "")))].join("; ") || "it did not say why";
  const rule = rules.find(({ when }) => reported.some(when));
  const finding = rule?.finding(words, refused) ?? {
    code: "validation_failed",
    message: `GitLab refused: ${words}.`,
    hint: "Change what it names, then call again.",
  };
  return refusedError(finding, refused, { errors: reported.map(({ text }) => text) });
}

export function refusedError(
  finding: Finding,
  { toolName, status, requestId }: Pick<RefusedText, "toolName" | "status" | "requestId">,
  details?: Readonly<Record<string, unknown>>,
): GitLabToolError {
  return new GitLabToolError({
    ...finding,
    toolName,
    status,
    ...(requestId !== undefined && { requestId }),
    ...(details && { details }),
  });
}

function reportedError(error: unknown, secrets: readonly string[]): ReportedError {
  const message = isObject(error) ? error["message"] : error;
  const extensions = isObject(error) && isObject(error["extensions"]) ? error["extensions"] : {};
  const { code, spam } = extensions;
  const { text } = parseErrorBody(JSON.stringify({ message: String(message) }), secrets);
  return { text, ...(typeof code === "string" && { code }), isSpam: spam === true || isObject(spam) };
}

/** `GitLab 18.4 (Community Edition)`. */
export function instanceWords({ version, enterprise }: Build): string {
  const edition = enterprise === undefined ? "" : enterprise ? " (Enterprise Edition)" : " (Community Edition)";
  return version === undefined ? "This instance" : `GitLab ${version.replace(/-ee$/, "")}${edition}`;
}

/** What to know where a work item of a group is not found: https://docs.gitlab.com/api/graphql/epic_work_items_api_migration_guide/ */
export const ofOlderEpics = (build: Build): string =>
  has(build, { since: "18.1" }) ? "" : " Before GitLab 18.1 a group's epics are no work items.";

/** An instance does not have a tool, or something of its input. Nothing was sent. */
export function lacks(toolName: string, what: string, needs: Needs, build: Build): GitLabToolError {
  const requirement =
    needs.enterprise && build.enterprise === false ? "an Enterprise build" : `version ${needs.since ?? ""}`;
  return new GitLabToolError({
    code: "not_available",
    message: `${instanceWords(build)} does not have ${what}: it needs ${requirement} of GitLab.`,
    hint:
      what === toolName
        ? "Do without it, or tell the user what is needed."
        : `Nothing was sent. Leave ${what.split(":")[0] ?? what} out, or tell the user what is needed.`,
    toolName,
    details: { version: build.version, enterprise: build.enterprise, since: needs.since },
  });
}

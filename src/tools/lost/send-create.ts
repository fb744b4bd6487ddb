/**
 * What becomes of a create whose answer got lost. GitLab has no key that makes a POST safe to repeat, so the thing is
 * looked for: by whoever is calling, by its own fields, since the call began on GitLab's clock.
 */
import type { Credentials } from "../../accounts/types.js";
import { GitLabToolError } from "../../errors/gitlab-tool-error.js";
import type { FoundAgain } from "../../errors/failure.js";
import type { BodyFormat } from "../../http/body-format.js";
import type { WireRequest } from "../../http/wire.js";
import type { Fields } from "../../is-object.js";
import type { ToolCallContext } from "../call.js";
import type { LostCreate, ToolDefinition } from "../../definition/definition.js";
import { sendAs, type SuccessfulResponse } from "../send-as.js";
import { beginCreate, endCreate } from "./equal-creates.js";
import { loose } from "./found.js";
import { lookFor, lookMs } from "./look.js";
import { apartBy, asText, expectedOf, filled, lookableBy, sentBy, type Sent } from "./sent.js";

/** GitLab's response to a create, or what stands in its place. */
export interface Created {
  readonly response: SuccessfulResponse;
  readonly warnings: readonly string[];
}

/**
 * Sends a create. Where GitLab may have carried it out without our hearing of it, the thing is looked for: found, it is
 * the answer; surely not there, the create is sent again within the call's budget; else the error says how to check.
 */
export async function sendCreate(
  call: ToolCallContext,
  wire: WireRequest,
  format: BodyFormat,
  credentials: Credentials,
): Promise<Created> {
  const { definition, runtime, progress, budget } = call;
  const sent = sentBy(definition, wire);
  const rule = lookableBy(definition, sent);
  if (!rule || !runtime.lookups.enabled)
    return { response: await sendAs(call, definition, wire, format, credentials), warnings: [] };
  const began = runtime.clock.steady();
  const create = beginCreate(runtime, keyOf(definition, rule, sent, wire, credentials.baseUrl));
  try {
    for (let attempt = 1; ; attempt += 1) {
      // What is left over is for looking.
      const left = budget.deadline - performance.now();
      const within = budget.part(left - Math.min(lookMs(runtime), left / 3));
      try {
        const response = await sendAs({ ...call, budget: within }, definition, wire, format, credentials);
        return { response, warnings: [] };
      } catch (error) {
        const { status } = progress;
        const answered = status !== undefined && status >= 200 && status < 300;
        // GraphQL answers 200 whether or not it did it.
        const isMade = answered && !definition.graphql;
        if (!answered && !progress.uncertain) throw error;
        // The caller waits no longer.
        if (budget.signal.aborted) throw error;
        const late = within.signal.aborted;
        const lost = { rule, sent, wire, began, create, isMade };
        const found = await lookFor(call, lost, credentials);
        if ("thing" in found && rule.secret) {
          progress.found = withoutSecret(rule.secret, found.thing);
          throw unanswered(error);
        }
        if ("thing" in found) {
          const warnings = ["GitLab's answer to this create got lost; it was carried out once, and found again."];
          const data = asAnswered(definition, rule, sent, found.thing);
          const status = definition.graphql ? 200 : 201;
          return { response: { ok: true, status, headers: new Headers(), data }, warnings };
        }
        // GitLab may come to it yet, or has said that it did it.
        const open = answered || late || status === 504;
        if ("unsure" in found || open) {
          progress.lost = "unsure" in found ? found.unsure : "it was not to be seen yet";
          throw error;
        }
        progress.uncertain = false;
        // What came late all the same is in the way of the next attempt.
        progress.repeated = true;
        if (runtime.retry.reads || attempt >= runtime.retry.attempts || budget.signal.aborted) throw error;
      } finally {
        within.close();
      }
    }
  } finally {
    endCreate(runtime, create);
  }
}

/** What is found, in the place of the create's own answer. */
function asAnswered({ graphql }: ToolDefinition, rule: LostCreate, sent: Sent, thing: Fields): unknown {
  const { answer, becomes } = rule;
  if (!graphql) {
    if (answer === undefined && becomes === undefined) return thing;
    return { ...(answer && given(answer, sent)), ...(becomes !== undefined && { [becomes]: thing }) };
  }
  const path = (becomes ?? graphql.result).split(".");
  return { data: path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), thing) };
}

/** What was given, as it was given where it stands alone. */
const given = (answer: Readonly<Record<string, string>>, sent: Sent): Fields => {
  const texts = filled(answer, sent);
  const alone = (name: string): unknown => sent[/^\{([\w.]+)\}$/.exec(answer[name] ?? "")?.[1] ?? ""];
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, alone(name) ?? text]));
};

/** What went wrong, without what GitLab or a proxy said of it before the thing was found. */
const unanswered = (error: unknown): unknown =>
  error instanceof GitLabToolError
    ? new GitLabToolError({
        code: error.code,
        message: "GitLab's answer got lost.",
        status: error.status,
        cause: error,
      })
    : error;

/** How a create ends whose thing is there, and whose secret nobody will see. */
function withoutSecret({ field, remove }: NonNullable<LostCreate["secret"]>, thing: Fields): FoundAgain {
  const id = asText(thing["id"]);
  return {
    words: ` GitLab has carried the request out: it is there (id ${id}), but its ${field}, which only the answer showed, is lost.`,
    hint: `Take it away with ${remove} (id ${id}), then make another.`,
  };
}

/** Equal creates have equal keys. */
const keyOf = (
  { name }: ToolDefinition,
  rule: LostCreate,
  sent: Sent,
  { pathParameters }: WireRequest,
  baseUrl: string,
): string =>
  JSON.stringify([
    baseUrl,
    name,
    pathParameters,
    Object.values(filled(rule.query ?? {}, sent)),
    expectedOf(rule, sent).map(([, text]) => loose(text)),
    apartBy(rule, sent),
  ]);

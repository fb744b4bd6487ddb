import * as z from "zod";
import type { AccountKey } from "../accounts/types.js";
import { GitLabToolError } from "../errors/gitlab-tool-error.js";
import type { GitLab } from "../gitlab-types.js";
import { correction, unknownName, type FieldProblem } from "../options/field-problems.js";
import { schemaProblems } from "../tools/schema-problems.js";
import type { ApiKey, KeyScope } from "./api-keys.js";
import type { GivenAccount } from "./bounds.js";
import type { EventJournal } from "./journal.js";

/** What operations work with. */
export interface Gateway {
  readonly gitlab: GitLab;
  readonly journal: EventJournal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Who asks. */
export interface GatewayCaller {
  readonly apiKey: ApiKey;
  /** Ends the work: nobody waits for it any more, or the gateway stops. */
  readonly signal: AbortSignal;
  /**
   * The account that the request names, in the product's own namespace; it stands in the log, too.
   *
   * @throws {GitLabToolError} `forbidden`, `invalid_input`
   */
  readonly account: (given: GivenAccount) => AccountKey;
  /** Told which tool is called, for the log. */
  readonly calls: (toolName: string) => void;
}

/** A request's parts, as they arrived. */
export interface Arrived {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a client may repeat when it has heard nothing. */
export type Repeat = "freely" | "with a key" | "never";

export interface OperationFacts {
  /** The document's `operationId`. */
  readonly id: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** As OpenAPI writes it: `/v1/tools/{tool_name}`. */
  readonly path: string;
  readonly summary: string;
  /** What a key has to be for; absent where any key will do. */
  readonly needs?: KeyScope;
  readonly repeat: Repeat;
  /** Whether a request changes something, where some do not: only then is its answer kept for when it comes again. */
  readonly changes?: (gateway: Gateway, body: unknown) => Promise<boolean>;
}

/** One thing that the gateway does, as a route and as a part of its document. */
export interface GatewayOperation extends OperationFacts {
  readonly pathFields: z.ZodObject | undefined;
  readonly queryFields: z.ZodObject | undefined;
  readonly body: z.ZodObject | undefined;
  readonly answer: z.ZodType;
  /** @throws {GitLabToolError} `invalid_input` for what does not fit, before anything is done */
  readonly run: (gateway: Gateway, caller: GatewayCaller, arrived: Arrived) => Promise<unknown>;
}

interface ParsedRequest<Path, Query, Body> extends Gateway, GatewayCaller {
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
}

const nothing = z.strictObject({});

/** An operation whose parts are checked and typed by its schemas. */
export function operation<
  Answer extends z.ZodType,
  Path extends z.ZodObject = typeof nothing,
  Query extends z.ZodObject = typeof nothing,
  Body extends z.ZodObject = typeof nothing,
>({
  pathFields,
  queryFields,
  body,
  answer,
  run,
  ...facts
}: OperationFacts & {
  readonly pathFields?: Path;
  readonly queryFields?: Query;
  readonly body?: Body;
  readonly answer: Answer;
  readonly run: (
    call: ParsedRequest<z.output<Path>, z.output<Query>, z.output<Body>>,
  ) => z.input<Answer> | Promise<z.input<Answer>>;
}): GatewayOperation {
  return {
    ...facts,
    pathFields,
    queryFields,
    body,
    answer,
    async run(gateway, caller, arrived) {
      const parsed = {
        path: parse(pathFields ?? (nothing as z.ZodType as Path), arrived.path, "The path"),
        query: parse(queryFields ?? (nothing as z.ZodType as Query), arrived.query, "The query"),
        body: parse(body ?? (nothing as z.ZodType as Body), arrived.body ?? {}, "The body"),
      };
      return await run({ ...gateway, ...caller, ...parsed });
    },
  };
}

function parse<Schema extends z.ZodObject>(schema: Schema, sent: unknown, owner: string): z.output<Schema> {
  const result = schema.safeParse(sent);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue): FieldProblem[] =>
    issue.code === "unrecognized_keys" && issue.path.length === 0
      ? issue.keys.map((key) => unknownName("", key, Object.keys(schema.shape), "a field"))
      : schemaProblems(issue, sent),
  );
  throw new GitLabToolError({
    code: "invalid_input",
    message: `${owner} does not fit: ${problems.map(({ field, message }) => `${field}: ${message}`).join("; ")}.`,
    hint: `Nothing was done. ${correction(problems)}, and send it again.`,
    details: { fields: problems },
  });
}

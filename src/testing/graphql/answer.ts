import {
  execute,
  getOperationAST,
  GraphQLError,
  Kind,
  OperationTypeNode,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import { isObject } from "../../is-object.js";
import { authenticate, tokenOf, type Caller } from "../server/authentication.js";
import type { IncomingRequest } from "../server/api.js";
import { Refusal } from "../server/handler.js";
import { jsonReply, type Reply } from "../server/reply.js";
import type { GitLabState } from "../state/gitlab-state.js";
import { measure } from "./limits.js";
import { inGitLabsWords } from "./messages.js";
import { mutationRoot, queryRoot } from "./roots.js";
import { mergeRequestNode } from "./merge-requests.js";
import { gitlabSchema } from "./schema.js";
import { workItemNode } from "./work-item-node.js";
import type { View } from "./view.js";

/** Limits of a text. https://docs.gitlab.com/api/graphql/#limits */
const limits = {
  characters: 10_000,
  signedIn: 250,
  anonymous: 200,
  admin: 300,
  depth: 20,
  anonymousDepth: 15,
  errors: 5,
};

/** Answers GraphQL as GitLab does: 200 for whatever could be read, with `errors` where something is wrong. */
export async function answerGraphql(gitlab: GitLabState, request: IncomingRequest): Promise<Reply> {
  if (request.method !== "POST") return failed(404, "Not found!");
  const caller = signedIn(gitlab, request);
  if (caller === "refused") return failed(401, "Invalid token");
  const { query, variables, operationName } = await request.body();
  if (typeof query !== "string" || query.trim() === "") return jsonReply(200, errorsOf("No query string was present"));
  if (query.length > limits.characters) return failed(422, "Query too large");
  const sent = typeof variables === "string" && variables !== "" ? (JSON.parse(variables) as unknown) : variables;
  if (sent !== undefined && sent !== null && sent !== "" && !isObject(sent)) {
    return failed(422, "Unexpected parameter: variables");
  }
  const name = typeof operationName === "string" && operationName !== "" ? operationName : undefined;
  return jsonReply(200, await carryOut(gitlab, caller, query, isObject(sent) ? sent : {}, name));
}

const errorsOf = (message: string): object => ({ errors: [{ message }] });
const failed = (status: number, message: string): Reply => jsonReply(status, errorsOf(message));

/** Who asks: with `api`, or with `read_api` to read only. */
function signedIn(gitlab: GitLabState, request: IncomingRequest): Caller | undefined | "refused" {
  try {
    const caller = authenticate(gitlab, tokenOf(request.headers, request.url.searchParams));
    const wide = caller?.token.scopes.some((scope) => scope === "api" || scope === "read_api") ?? true;
    return wide ? caller : "refused";
  } catch (error) {
    if (error instanceof Refusal) return "refused";
    throw error;
  }
}

type ReadText = { readonly document: DocumentNode } | { readonly errors: readonly object[] };

const readTexts = new WeakMap<GraphQLSchema, Map<string, ReadText>>();

/** Parses and checks a text once: programs send the same few again and again, with other variables. */
function readText(schema: GraphQLSchema, query: string): ReadText {
  const texts = readTexts.get(schema) ?? new Map<string, ReadText>();
  readTexts.set(schema, texts);
  const known = texts.get(query);
  if (known) return known;
  if (texts.size >= 200) texts.clear();
  const text = parseAndValidate(schema, query);
  texts.set(query, text);
  return text;
}

function parseAndValidate(schema: GraphQLSchema, query: string): ReadText {
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { errors: [{ message: `Parse error: ${error.message}`, locations: error.locations }] };
  }
  const problems = validate(schema, document, undefined, { maxErrors: limits.errors });
  return problems.length > 0 ? { errors: problems.slice(0, limits.errors).map(inGitLabsWords) } : { document };
}

async function carryOut(
  gitlab: GitLabState,
  caller: Caller | undefined,
  query: string,
  variables: Readonly<Record<string, unknown>>,
  operationName: string | undefined,
): Promise<object> {
  const enterprise = gitlab.instance === "gitlab.com" || gitlab.plan !== "free";
  const schema = gitlabSchema(gitlab.version, enterprise);
  const text = readText(schema, query);
  if ("errors" in text) return text;
  const { document } = text;
  const operation = getOperationAST(document, operationName);
  if (operation == null) return errorsOf(`No operation named ${JSON.stringify(operationName ?? "")}`);
  const { user } = caller ?? {};
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)]] : [],
    ),
  );
  const { score, depth } = measure(schema, document, operation, { ...defaults, ...variables });
  const limit = user === undefined ? limits.anonymous : user.admin ? limits.admin : limits.signedIn;
  const deepest = user === undefined ? limits.anonymousDepth : limits.depth;
  if (score > limit) return errorsOf(`Query has complexity of ${score}, which exceeds max complexity of ${limit}`);
  if (depth > deepest) return errorsOf(`Query has depth of ${depth}, which exceeds max depth of ${deepest}`);
  const mayWrite = caller?.token.scopes.includes("api") ?? false;
  const view: View = {
    gitlab,
    user,
    mayWrite,
    complexity: { score, limit },
    show: {
      workItem: (item) => workItemNode(view, item),
      mergeRequest: (item) => mergeRequestNode(view, item),
    },
  };
  const isMutation = operation.operation === OperationTypeNode.MUTATION;
  const roots = isMutation ? refusingRoot(view) : queryRoot(view);
  const result: ExecutionResult = await execute({
    schema,
    document,
    rootValue: roots,
    variableValues: variables,
    ...(operationName !== undefined && { operationName }),
  });
  const { data, errors } = result;
  return {
    ...(data !== undefined && { data }),
    ...(errors !== undefined && { errors: errors.map(inGitLabsWords) }),
  };
}

/** The mutations; for whoever may change nothing, each field refuses by itself. */
function refusingRoot(view: View): object {
  try {
    return mutationRoot(view);
  } catch (error) {
    const refuse = (): never => {
      throw error;
    };
    return new Proxy({}, { get: () => refuse });
  }
}

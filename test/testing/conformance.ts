import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import {
  documentPath,
  loadDocument,
  type Operation as ReadOperation,
  type Schema,
} from "../../src/testing/server/document.js";
import { routing } from "../../src/testing/routing.js";
import type { Served } from "../../src/testing/server/endpoints.js";
import { everyOperation } from "./every-operation.js";
import { operationsBeyond } from "./every-operation-beyond.js";

type Json = Readonly<Record<string, unknown>>;

interface Media {
  readonly schema?: Json;
}

interface Operation {
  readonly operationId?: string;
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

/** An operation to ask for without knowing more of it than the document says. */
export interface Asked {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  /** Its required parameters, `?` included. */
  readonly query: string;
  readonly served: Served;
}

const { endpoints, routes } = routing();

/** The operation of the document that a call leads to. */
export function operationOf(method: string, path: string): ReadOperation | undefined {
  const match = routes.find(method, `/api/v4${path.split("?")[0] ?? ""}`);
  return "value" in match ? match.value.operation : undefined;
}

/** The operations that the run through every operation does not carry out. */
export function operationsWithoutSteps(): Asked[] {
  const steps = [...everyOperation, ...operationsBeyond];
  const stepped = new Set(steps.map(({ method, path }) => operationOf(method, path)?.operationId));
  return endpoints
    .filter(({ operation }) => !stepped.has(operation.operationId))
    .map(({ operation: { operationId, method, path, parameters }, served }) => {
      const required = parameters.filter((parameter) => parameter.in === "query" && parameter.required);
      const query = required.map(({ name, schema }) => `${name}=${sampleOf(schema)}`);
      return {
        operationId,
        method,
        path,
        query: query.length === 0 ? "" : `?${query.join("&")}`,
        served,
      };
    });
}

function sampleOf({ enum: allowed, type }: Schema): string {
  const first = allowed?.[0];
  if (typeof first === "string") return first;
  return type === "string" ? "main" : type === "boolean" ? "true" : "7";
}

/** An answer to hold against the document. */
export interface Answer {
  readonly operationId: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

const document = JSON.parse(readFileSync(documentPath(), "utf8")) as Document;
const operations = new Map(
  Object.values(document.paths)
    .flatMap((item) => Object.values(item))
    .map((operation) => [operation.operationId ?? "", operation]),
);

/** The operations that the document has. */
export const documented: readonly string[] = loadDocument().operations.map(({ operationId }) => operationId);

// Each schema is used once or twice: to make its validator fast would take longer than it saves.
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, code: { optimize: false } });
formats.default(ajv);
for (const name of ["int64", "int32", "float", "double", "binary"]) ajv.addFormat(name, true);
ajv.addSchema({ $id: "document", components: { schemas: jsonSchema(document.components.schemas) } });
const validators = new Map<string, ValidateFunction>();

/** Where the document is not what GitLab answers: no field of these answers is judged, and these statuses count. */
const documentedWrongly: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      ["texts are called numbers, or numbers texts", "getApiV4GroupsIdInvitations getApiV4ProjectsIdInvitations"],
      [
        "numbers, lists and switches are called texts",
        "postApiV4Users putApiV4UsersId postApiV4ProjectsIdJobsJobIdPlay",
      ],
      ["a date is called a moment", "getApiV4PersonalAccessTokensSelf"],
      [
        "a list is called one entity",
        "getApiV4ProjectsIdIssuesIssueIidClosedBy getApiV4ProjectsIdRepositoryFilesFilePathBlame " +
          "getApiV4ProjectsIdPipelinesPipelineIdTestReportSummary getApiV4ProjectsIdPipelineSchedules " +
          "postApiV4ProjectsIdPipelineSchedules getApiV4ProjectsIdPipelineSchedulesPipelineScheduleId " +
          "putApiV4ProjectsIdPipelineSchedulesPipelineScheduleId " +
          "postApiV4ProjectsIdPipelineSchedulesPipelineScheduleIdTakeOwnership",
      ],
      ["a file is called JSON", "getApiV4ProjectsIdSnippetsSnippetIdRaw getApiV4ProjectsIdRepositoryArchive"],
      [
        "the service's `{ status }` is called a merge request",
        "postApiV4ProjectsIdMergeRequestsMergeRequestIidCancelMergeWhenPipelineSucceeds " +
          "postApiV4ProjectsIdMergeRequestsMergeRequestIidCancelAutoMerge",
      ],
      [
        "200 with a body, where GitLab answers a delete with 204",
        "deleteApiV4UserKeysKeyId deleteApiV4UsersId deleteApiV4SnippetsId deleteApiV4ProjectsIdLabelsName " +
          "deleteApiV4ProjectsIdLabels deleteApiV4ProjectsIdEnvironmentsEnvironmentId " +
          "deleteApiV4ProjectsIdMergeRequestsNoteableIdNotesNoteId",
      ],
      [
        "200, where GitLab answers a create with 201",
        "postApiV4ProjectsIdStatusesSha postApiV4ProjectsIdRepositoryCommitsShaCherryPick " +
          "postApiV4ProjectsIdRepositoryCommitsShaRevert",
      ],
      [
        "201, where GitLab sets a status of its own",
        "postApiV4ProjectsIdIssuesIssueIidResetTimeEstimate postApiV4TodosMarkAsDone " +
          "postApiV4ProjectsIdEnvironmentsEnvironmentIdStop postApiV4ProjectsIdJobsJobIdArtifactsKeep " +
          "postApiV4ProjectsIdMergeRequestsMergeRequestIidPipelines",
      ],
    ] as const
  ).flatMap(([reason, ids]) => ids.split(" ").map((id) => [id, reason])),
);

/** What an answer has that the document does not allow, or lacks that it requires. Nothing when all is well. */
export function problemsOf({ operationId, status, contentType, body }: Answer): string[] {
  const operation = operations.get(operationId);
  // The emulator may be ahead of the specification.
  if (operation === undefined || documentedWrongly[operationId] !== undefined) return [];
  const response = operation.responses?.[String(status)];
  if (response === undefined) return [`${operationId}: ${String(status)} is not declared`];
  const type = contentType.split(";")[0] ?? "";
  // Files come in the type that they have.
  if (response.content?.["application/octet-stream"] !== undefined && type !== "application/json") return [];
  const media = response.content?.[type];
  if (media === undefined) {
    const declared = Object.keys(response.content ?? {});
    // Where no body is described, there is nothing to judge one by.
    if (declared.length === 0) return [];
    return [`${operationId}: ${contentType} for ${String(status)}, declared are ${declared.join(", ") || "none"}`];
  }
  if (media.schema === undefined || !contentType.includes("json")) return [];
  const key = `${operationId} ${String(status)}`;
  const validate = validators.get(key) ?? ajv.compile(object(jsonSchema(media.schema)));
  validators.set(key, validate);
  validate(body);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${operationId}${instancePath} ${message ?? ""}`);
}

/** The documented fields that an answer (or the first entry of a list) does not have, by their names. */
export function absentFields({ operationId, status, body }: Answer): string[] {
  if (documentedWrongly[operationId] !== undefined) return [];
  const media = operations.get(operationId)?.responses?.[String(status)]?.content?.["application/json"];
  const schema = resolve(media?.schema ?? {});
  const single = schema["type"] === "array" ? resolve(object(schema["items"] ?? {})) : schema;
  const entity: unknown = Array.isArray(body) ? body[0] : body;
  if (typeof entity !== "object" || entity === null) return [];
  return Object.keys(object(single["properties"] ?? {})).filter((name) => !(name in entity));
}

function resolve(schema: Json): Json {
  const { $ref: reference } = schema;
  if (typeof reference !== "string") return schema;
  return resolve(document.components.schemas[reference.split("/").at(-1) ?? ""] ?? {});
}

/** OpenAPI 3.0 says `nullable` where JSON Schema has a type for it, and means references from the document's root. */
function jsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonSchema);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === "$ref" && typeof inner === "string" ? `document${inner}` : jsonSchema(inner),
  ]);
  const { nullable, ...schema } = Object.fromEntries(entries) as Record<string, unknown>;
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

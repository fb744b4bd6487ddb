import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ReadResourceResult,
  type ResourceTemplateType,
} from "@modelcontextprotocol/server";
import type { ToolAnswer } from "../adapters/toolbox.js";
import type { CompletionKind } from "./completion.js";

/** What can be read by its address: a template of RFC 6570, and the tool that reads it. */
interface ResourceRow {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly uriTemplate: string;
  readonly tool: string;
  readonly mimeType: string;
}

const project = "gitlab://projects/{project_id}";
const slash = "A slash in project_id is written %2F.";

const rows: readonly ResourceRow[] = [
  {
    name: "file",
    title: "File of a repository",
    description: `A file at a branch, tag or commit. ${slash}`,
    uriTemplate: `${project}/files/{ref}/{+file_path}`,
    tool: "gitlab_file_get",
    mimeType: "text/plain",
  },
  {
    name: "issue",
    title: "Issue",
    description: `An issue by the number behind its #. ${slash}`,
    uriTemplate: `${project}/issues/{issue_iid}`,
    tool: "gitlab_issue_get",
    mimeType: "application/json",
  },
  {
    name: "merge_request",
    title: "Merge request",
    description: `A merge request by the number behind its !. ${slash}`,
    uriTemplate: `${project}/merge_requests/{merge_request_iid}`,
    tool: "gitlab_merge_request_get",
    mimeType: "application/json",
  },
  {
    name: "job_log",
    title: "Job log",
    description: `The end of what a CI job has printed. ${slash}`,
    uriTemplate: `${project}/jobs/{job_id}/log`,
    tool: "gitlab_job_log_get",
    mimeType: "text/plain",
  },
];

export const listTemplates = (offers: (tool: string) => boolean): ResourceTemplateType[] =>
  rows.filter(({ tool }) => offers(tool)).map(({ tool: _, ...template }) => template);

const kinds: Readonly<Record<string, CompletionKind>> = { project_id: "project", ref: "branch" };

/** What a variable's values are looked up among. */
export const kindOfVariable = (uriTemplate: string, name: string): CompletionKind | undefined =>
  rows.some((row) => row.uriTemplate === uriTemplate) ? kinds[name] : undefined;

/** The variables of an address that a template makes. */
function match(template: string, uri: string): Readonly<Record<string, string>> | undefined {
  const pattern = template.replace(
    /\{(\+?)(\w+)\}/g,
    (_, plus: string, name: string) => `(?<${name}>${plus ? ".+" : "[^/]+"})`,
  );
  const found = new RegExp(`^${pattern}$`).exec(uri);
  if (!found) return undefined;
  try {
    return Object.fromEntries(
      Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    // Not encoded as addresses are.
    return undefined;
  }
}

const missing: readonly unknown[] = ["unknown_tool", "not_found", "project_not_found", "invalid_input", "wrong_iid"];

/**
 * Reads what an address names, with the tool for it and under its policies.
 *
 * @throws {ProtocolError} for an address that names nothing, and for what GitLab refuses
 */
export async function readResource(
  uri: string,
  run: (tool: string, input: Readonly<Record<string, unknown>>) => Promise<ToolAnswer>,
): Promise<ReadResourceResult> {
  for (const { uriTemplate, tool, mimeType } of rows) {
    const input = match(uriTemplate, uri);
    if (!input) continue;
    const { text, structured, images, isError } = await run(tool, input);
    if (isError) {
      const { code, message } = structured;
      if (missing.includes(code)) throw new ResourceNotFoundError(uri, String(message));
      throw new ProtocolError(ProtocolErrorCode.InternalError, String(message), structured);
    }
    const [image] = images;
    if (image) return { contents: [{ uri, mimeType: image.mimeType, blob: image.data }] };
    const { content } = structured;
    const plain = tool === "gitlab_file_get" && typeof content === "string" ? content : text;
    return { contents: [{ uri, mimeType, text: plain }] };
  }
  throw new ResourceNotFoundError(uri);
}

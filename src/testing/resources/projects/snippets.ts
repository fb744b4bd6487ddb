import { invalid, refuse, text, type Call, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import type { ResourceRecord } from "../../state/resource-records.js";
import { wordOf } from "../engine/fill.js";
import { underProject, underUser, type Place, type Under } from "../engine/places.js";
import { findRecord, resourceHandlers, type Resource } from "../engine/resource.js";

interface SnippetFile {
  readonly path: string;
  readonly content: string;
}

type Values = Record<string, unknown>;

/** All personal snippets are in one place: others read those that are not private. */
const underInstance: Under = (call) => ({ ...underUser(call), key: "snippets", says: {} });

const storedFiles = ({ values }: ResourceRecord): readonly SnippetFile[] =>
  Array.isArray(values["stored"]) ? (values["stored"] as readonly SnippetFile[]) : [];

/** Either one file by name and content, or a list of them. */
function newFiles({ params, values }: Call): readonly SnippetFile[] {
  const { files } = values;
  if (!Array.isArray(files)) {
    const content = params.text("content");
    if (content === undefined)
      refuse(400, { error: "files, content are missing, exactly one parameter must be provided" });
    if (content === "") refuse(400, { error: "content is empty" });
    const name = params.text("file_name");
    if (name === undefined || name === "") refuse(400, { error: "file_name is missing" });
    return [{ path: name ?? "", content }];
  }
  if (params.has("content")) refuse(400, { error: "files, content are mutually exclusive" });
  return files.map((file: Readonly<Values> | null, index) => {
    const { file_path: path, content } = file ?? {};
    if (typeof content !== "string") return refuse(400, { error: `files[${String(index)}][content] is missing` });
    if (typeof path !== "string") return refuse(400, { error: `files[${String(index)}][file_path] is missing` });
    return { path, content };
  });
}

/** The files after an update: the first one by `file_name` and `content`, or any of them by `files` with its actions. */
function changedFiles(before: readonly SnippetFile[], { params, values }: Call): readonly SnippetFile[] {
  const [first, ...rest] = before;
  const { files } = values;
  if (!Array.isArray(files)) {
    const path = params.text("file_name") ?? first?.path ?? "";
    return [{ path, content: params.text("content") ?? first?.content ?? "" }, ...rest];
  }
  if (params.has("content")) refuse(400, { error: "files, content are mutually exclusive" });
  const changed = new Map(before.map(({ path, content }) => [path, content]));
  for (const entry of files as readonly (Readonly<Values> | null)[]) {
    const { action, file_path: file, previous_path: former, content } = entry ?? {};
    const [path, from] = [wordOf(file) ?? "", wordOf(former) ?? ""];
    const known = changed.get(action === "move" ? from : path) ?? "";
    if (action === "delete") changed.delete(path);
    else changed.set(path, wordOf(content) ?? known);
    if (action === "move" && from !== path) changed.delete(from);
  }
  return [...changed].map(([path, content]) => ({ path, content }));
}

/** Snippets are repositories of their own: https://docs.gitlab.com/api/project_snippets/ */
const snippets: Pick<Resource, "missing" | "newestFirst" | "oneOf" | "write" | "defaults"> = {
  missing: "Snippet",
  newestFirst: true,
  oneOf: ["title", "file_name", "content", "files", "visibility", "description"],
  defaults: { description: null, imported: false, imported_from: "none", repository_storage: "default" },
  write: ({ files: _files, content: _content, file_name: _name, ...values }, call, _place, before) => {
    if (before !== undefined) return { ...values, stored: changedFiles(storedFiles(before), call) };
    if ((wordOf(values["title"]) ?? "").trim() === "") invalid({ title: ["can't be blank"] });
    return { ...values, stored: newFiles(call) };
  },
};

/** What an answer says of a snippet's files and addresses; `page` is where its pages are, `repository` where it is cloned. */
function addresses(record: ResourceRecord, call: Call, page: string, repository: string): Values {
  const id = String(record.id);
  const { baseUrl } = call.gitlab;
  const url = `${page}/${id}`;
  const files = storedFiles(record);
  return {
    web_url: url,
    raw_url: `${url}/raw`,
    ssh_url_to_repo: `git@${new URL(baseUrl).host}:${repository}snippets/${id}.git`,
    http_url_to_repo: `${baseUrl}/${repository}snippets/${id}.git`,
    file_name: files[0]?.path ?? null,
    files: files.map(({ path }) => ({
      path,
      raw_url: `${url}/raw/main/${path.split("/").map(encodeURIComponent).join("/")}`,
    })),
  };
}

/** Snippets that belong to nobody's project; whoever knows of one that is not private reads it. */
const personalSnippets: Resource = {
  ...snippets,
  name: "personal_snippets",
  path: "/snippets",
  item: "id",
  under: underInstance,
  roles: { write: role.owner },
  sees: ({ authorId, values }, { method, path, user }) =>
    authorId === user?.id || (method === "GET" && path["id"] !== undefined && values["visibility"] !== "private"),
  defaults: { ...snippets.defaults, visibility: "internal", project_id: null },
  present: (record, call) => addresses(record, call, `${call.gitlab.baseUrl}/-/snippets`, ""),
};

/** Private snippets of a project are for its members, internal ones for who is signed in. */
export const seesSnippet = ({ values }: ResourceRecord, { user }: Call, level: number): boolean =>
  values["visibility"] === "public" ||
  (values["visibility"] === "internal" && user !== undefined) ||
  level >= role.guest;

export const projectSnippets: Resource = {
  ...snippets,
  name: "snippets",
  path: "/projects/{id}/snippets",
  item: "snippet_id",
  under: underProject,
  roles: { write: role.reporter },
  sees: (record, call, { level }) => seesSnippet(record, call, level),
  ownChanges: true,
  defaults: { ...snippets.defaults, visibility: "private" },
  present: (record, call, { project, webUrl }: Place) => {
    const path = project === undefined ? "" : `${call.gitlab.projectPath(project)}/`;
    return addresses(record, call, `${webUrl}/-/snippets`, path);
  },
};

const raw = (resource: Resource) => (call: Call) =>
  text(storedFiles(findRecord(resource, call, resource.under(call)))[0]?.content ?? "");

export const snippetResources: Handlers = {
  ...resourceHandlers(personalSnippets),
  ...resourceHandlers(projectSnippets),
  "GET /snippets/{id}/raw": raw(personalSnippets),
  "GET /projects/{id}/snippets/{snippet_id}/raw": raw(projectSnippets),
};

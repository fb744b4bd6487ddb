import { findProject, requireRole } from "../../server/access.js";
import { created, invalid, json, list, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { role, type ProjectRecord, type SnippetRecord, type Visibility } from "../../state/records.js";
import { userById } from "../users/user-entity.js";
import type { GitLabState } from "../../state/gitlab-state.js";

/** Snippets of a project. */
export const snippetHandlers: Handlers = {
  getApiV4ProjectsIdSnippets: (call) => {
    const project = findProject(call);
    const found = [...call.gitlab.snippets.values()].filter((snippet) => mayRead(call, project, snippet)).reverse();
    return list(found, (snippet) => snippetEntity(call.gitlab, project, snippet));
  },

  getApiV4ProjectsIdSnippetsSnippetId: (call) => {
    const project = findProject(call);
    const snippet = call.gitlab.snippets.get(Number(call.path["snippet_id"]));
    if (snippet === undefined || !mayRead(call, project, snippet)) return notFound("Snippet");
    return json(snippetEntity(call.gitlab, project, snippet));
  },

  postApiV4ProjectsIdSnippets: (call) => {
    const project = findProject(call);
    const user = requireRole(call, project, role.reporter);
    const { params, gitlab } = call;
    const title = params.text("title") ?? "";
    if (title.trim() === "") invalid({ title: ["can't be blank"] });
    const visibility = params.text("visibility");
    const now = gitlab.now();
    const snippet: SnippetRecord = {
      id: gitlab.nextId("snippet"),
      projectId: project.id,
      title,
      description: params.text("description") ?? null,
      visibility: isVisibility(visibility) ? visibility : "private",
      files: filesOf(call),
      authorId: user.id,
      createdAt: now,
      updatedAt: now,
    };
    gitlab.snippets.set(snippet.id, snippet);
    return created(snippetEntity(gitlab, project, snippet));
  },
};

export const isVisibility = (value: string | undefined): value is Visibility =>
  value === "private" || value === "internal" || value === "public";

/** Either one file by name and content, or a list of them. */
export function filesOf({ params, values }: Call): SnippetRecord["files"] {
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
  return files.map((file: Readonly<Record<string, unknown>> | null, index) => {
    const { file_path: path, content } = file ?? {};
    if (typeof content !== "string") return refuse(400, { error: `files[${String(index)}][content] is missing` });
    if (typeof path !== "string") return refuse(400, { error: `files[${String(index)}][file_path] is missing` });
    return { path, content };
  });
}

/** Private snippets of a project are for its members, internal ones for who is signed in. */
export function mayRead(call: Call, project: ProjectRecord, snippet: SnippetRecord): boolean {
  if (snippet.projectId !== project.id) return false;
  if (snippet.visibility === "public") return true;
  if (snippet.visibility === "internal" && call.user !== undefined) return true;
  return call.gitlab.projectRole(call.user, project) >= role.guest;
}

export function snippetEntity(
  gitlab: GitLabState,
  project: ProjectRecord,
  snippet: SnippetRecord,
): Record<string, unknown> {
  const url = `${gitlab.projectUrl(project)}/-/snippets/${String(snippet.id)}`;
  const { host } = new URL(gitlab.baseUrl);
  return {
    id: snippet.id,
    title: snippet.title,
    description: snippet.description,
    visibility: snippet.visibility,
    author: userById(gitlab, snippet.authorId),
    created_at: snippet.createdAt.toISOString(),
    updated_at: snippet.updatedAt.toISOString(),
    project_id: project.id,
    web_url: url,
    raw_url: `${url}/raw`,
    ssh_url_to_repo: `git@${host}:${gitlab.projectPath(project)}/snippets/${String(snippet.id)}.git`,
    http_url_to_repo: `${gitlab.projectUrl(project)}/snippets/${String(snippet.id)}.git`,
    file_name: snippet.files[0]?.path ?? null,
    files: snippet.files.map(({ path }) => ({
      path,
      raw_url: `${url}/raw/main/${path.split("/").map(encodeURIComponent).join("/")}`,
    })),
    imported: false,
    imported_from: "none",
    repository_storage: "default",
  };
}

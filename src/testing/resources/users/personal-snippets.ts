import { text, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import type { ResourceRecord } from "../../state/resource-records.js";
import { wordOf } from "../engine/fill.js";
import { underUser, type Under } from "../engine/places.js";
import { findRecord, resourceHandlers, type Resource } from "../engine/resource.js";
import { filesOf } from "../projects/snippets.js";

interface SnippetFile {
  readonly path: string;
  readonly content: string;
}

/** All personal snippets are in one place: others read those that are not private. */
const underInstance: Under = (call) => ({ ...underUser(call), key: "snippets", level: role.owner, says: {} });

const storedFiles = ({ values }: ResourceRecord): readonly SnippetFile[] =>
  Array.isArray(values["stored"]) ? (values["stored"] as readonly SnippetFile[]) : [];

/** Snippets that belong to nobody's project: https://docs.gitlab.com/api/snippets/ */
const personalSnippets: Resource = {
  name: "personal_snippets",
  path: "/snippets",
  item: "id",
  missing: "Snippet",
  under: underInstance,
  roles: { write: role.owner },
  own: true,
  shared: ({ values }) => values["visibility"] !== "private",
  newestFirst: true,
  defaults: { description: null, visibility: "internal", project_id: null, imported: false, imported_from: "none" },
  write: ({ files: _files, content, file_name: name, ...values }, call, _place, before) => {
    if (before === undefined) return { ...values, stored: filesOf(call) };
    const [first, ...rest] = storedFiles(before);
    const path = wordOf(name) ?? first?.path ?? "";
    return { ...values, stored: [{ path, content: wordOf(content) ?? first?.content ?? "" }, ...rest] };
  },
  present: (record, { gitlab }) => {
    const url = `${gitlab.baseUrl}/-/snippets/${String(record.id)}`;
    const { host } = new URL(gitlab.baseUrl);
    const files = storedFiles(record);
    return {
      web_url: url,
      raw_url: `${url}/raw`,
      ssh_url_to_repo: `git@${host}:snippets/${String(record.id)}.git`,
      http_url_to_repo: `${gitlab.baseUrl}/snippets/${String(record.id)}.git`,
      file_name: files[0]?.path ?? null,
      files: files.map(({ path }) => ({ path, raw_url: `${url}/raw/main/${encodeURIComponent(path)}` })),
      repository_storage: "default",
    };
  },
};

export const personalSnippetResources: Handlers = {
  ...resourceHandlers(personalSnippets),
  "GET /snippets/{id}/raw": (call) =>
    text(storedFiles(findRecord(personalSnippets, call, underInstance(call)))[0]?.content ?? ""),
};

import { contextOf } from "../../state/context-of.js";
import { textOf } from "../../repository/diffing.js";
import type { Blob, CommitRecord } from "../../repository/model.js";
import { mergeRequestBasicEntity } from "../../reviews/merge-request-entity.js";
import { commitsOf } from "../../reviews/merge-request-refs.js";
import {
  bytes,
  json,
  list,
  notFound,
  refuse,
  text,
  type Answer,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import type { ProjectRecord } from "../../state/records.js";
import { findCode, findCommit, findWritableCode } from "./code-access.js";
import { commitEntity } from "./commit-entity.js";

function blobOf(call: Call): { project: ProjectRecord; commit: CommitRecord; path: string; blob: Blob } {
  const project = findCode(call);
  const commit = project.repository.commit(call.params.text("ref") ?? "HEAD") ?? notFound("Commit");
  const path = call.path["file_path"] ?? "";
  return { project, commit, path, blob: commit.tree.get(path) ?? notFound("File") };
}

/** Which commit each line comes from: lines of the newest commit that has them and whose parent has not. */
function blame(call: Call): Answer {
  const { project, commit, path, blob } = blobOf(call);
  if (!call.params.has("ref")) refuse(400, { error: "ref is empty" });
  const history = project.repository.history(commit.sha, { path });
  const lines = textOf(blob).replace(/\n$/, "").split("\n");
  const groups: { commit: unknown; lines: string[] }[] = [];
  let last: string | undefined;
  for (const line of lines) {
    const owner =
      history.find(({ tree, parents }) => {
        const has = (content: Blob | undefined): boolean =>
          content !== undefined && textOf(content).split("\n").includes(line);
        const parent = parents[0];
        return has(tree.get(path)) && !(parent !== undefined && has(project.repository.tree(parent).get(path)));
      }) ?? commit;
    if (owner.sha === last) groups.at(-1)?.lines.push(line);
    else groups.push({ commit: commitEntity(call.gitlab, project, owner), lines: [line] });
    last = owner.sha;
  }
  return json(groups);
}

/** What is found out about files, commits and the people who made them. */
export const repositoryReadHandlers: Handlers = {
  "GET /projects/{id}/repository/commits/{sha}/refs": (call) => {
    const project = findCode(call);
    const { sha } = findCommit(call, project);
    const { repository } = project;
    const holds = (ref: string): boolean => repository.history(ref).some((commit) => commit.sha === sha);
    const kind = call.params.text("type") ?? "all";
    const branches =
      kind === "tag" ? [] : [...repository.branches.keys()].filter(holds).map((name) => ({ type: "branch", name }));
    const tags =
      kind === "branch" ? [] : [...repository.tags.keys()].filter(holds).map((name) => ({ type: "tag", name }));
    return list([...branches, ...tags], (ref) => ref);
  },
  "GET /projects/{id}/repository/commits/{sha}/merge_requests": (call) => {
    const project = findCode(call);
    const context = contextOf(call, project);
    const { sha } = findCommit(call, project);
    const found = context.planning.mergeRequests.filter(
      (item) =>
        item.projectId === project.id &&
        (item.mergeCommitSha === sha || commitsOf(context, item).some((commit) => commit.sha === sha)),
    );
    return list(found, (item) => mergeRequestBasicEntity(context, item));
  },
  "GET /projects/{id}/repository/merge_base": (call) => {
    const project = findCode(call);
    const { repository } = project;
    const refs = call.params.list("refs");
    if (refs.length < 2) refuse(400, "Provide at least 2 refs");
    const shas = refs.map((ref) => repository.resolve(ref) ?? refuse(400, `Could not find ref: ${ref}`));
    const base = shas.reduce<string | undefined>(
      (a, b) => (a === undefined ? undefined : repository.mergeBase(a, b)),
      shas[0],
    );
    const commit = base === undefined ? undefined : repository.commit(base);
    return commit === undefined ? notFound("Merge Base") : json(commitEntity(call.gitlab, project, commit));
  },
  "GET /projects/{id}/repository/contributors": (call) => {
    const project = findCode(call);
    const people = new Map<
      string,
      { name: string; email: string; commits: number; additions: number; deletions: number }
    >();
    for (const { author } of project.repository.isEmpty ? [] : project.repository.history("HEAD")) {
      const known = people.get(author.email) ?? {
        name: author.name,
        email: author.email,
        commits: 0,
        additions: 0,
        deletions: 0,
      };
      people.set(author.email, { ...known, commits: known.commits + 1 });
    }
    return list(
      [...people.values()].sort((a, b) => a.commits - b.commits),
      (person) => person,
    );
  },
  "GET /projects/{id}/repository/files/{file_path}/raw": (call) => {
    const { blob, path } = blobOf(call);
    const name = path.split("/").at(-1) ?? path;
    const headers = { "content-disposition": `inline; filename="${name}"` };
    return blob.content.includes(0)
      ? bytes(blob.content, "application/octet-stream", headers)
      : text(textOf(blob), headers);
  },
  "GET /projects/{id}/repository/files/{file_path}/blame": blame,
  "GET /projects/{id}/repository/blobs/{sha}": (call) => {
    const { id, content } = findBlob(call);
    return json({
      size: content.length,
      encoding: "base64",
      content: Buffer.from(content).toString("base64"),
      sha: id,
    });
  },
  "GET /projects/{id}/repository/blobs/{sha}/raw": (call) => text(textOf(findBlob(call))),
  "DELETE /projects/{id}/repository/merged_branches": (call) => {
    const { project } = findWritableCode(call);
    const { repository } = project;
    for (const name of [...repository.branches.keys()]) {
      const merged = repository.between(repository.defaultBranch, name).length === 0;
      if (merged && name !== repository.defaultBranch && !repository.isProtected(name))
        repository.branches.delete(name);
    }
    return json({ message: "202 Accepted" }, 202);
  },
  "GET /projects/{id}/languages": (call) => {
    const project = findCode(call);
    const sizes = new Map<string, number>();
    for (const [path, blob] of project.repository.tree("HEAD")) {
      const language = languages[/\.(\w+)$/.exec(path)?.[1] ?? ""];
      if (language !== undefined) sizes.set(language, (sizes.get(language) ?? 0) + blob.content.length);
    }
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    const shares = [...sizes].sort((a, b) => b[1] - a[1]);
    return json(Object.fromEntries(shares.map(([name, size]) => [name, Math.round((size / total) * 10_000) / 100])));
  },
};

const languages: Readonly<Record<string, string>> = {
  ts: "TypeScript",
  tsx: "TypeScript",
  js: "JavaScript",
  mjs: "JavaScript",
  py: "Python",
  rb: "Ruby",
  go: "Go",
  rs: "Rust",
  java: "Java",
  sh: "Shell",
  css: "CSS",
  html: "HTML",
  c: "C",
  cpp: "C++",
  php: "PHP",
  sql: "SQL",
};

function findBlob(call: Call): Blob {
  const project = findCode(call);
  for (const commit of project.repository.allHistory()) {
    for (const blob of commit.tree.values()) if (blob.id === call.path["sha"]) return blob;
  }
  return notFound("Blob");
}

import { mkdtemp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { inspect } from "node:util";
import { unzipSync } from "fflate";
import { createGitLab, type GitLabOptions, type PendingWrite } from "gitlab-agent-tools";
import { createGitLabEmulator, type GitLabEmulator } from "gitlab-agent-tools/testing";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import {
  commitCreate,
  fileCreate,
  groupUpdate,
  jobArtifactsDownload,
  jobArtifactsGet,
  pipelineJobsList,
  pipelinesList,
  projectUpdate,
  projectUploadCreate,
  projectUploadsList,
  refArtifactGet,
  refArtifactsDownload,
  repositoryArchiveGet,
} from "gitlab-agent-tools/tools";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { connect, json, serve } from "../../support/server.js";

const toolName = "gitlab_project_upload_create";
const project = { project_id: "acme/app" };
const png = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 0, 255]);
let emulator: GitLabEmulator;
let adasToken = "";
let folder = "";

beforeAll(async () => {
  emulator = await createGitLabEmulator();
  adasToken = emulator.tokens.create({ username: "ada", scopes: ["api"] });
  folder = await mkdtemp(join(tmpdir(), "uploads-"));
  await mkdir(join(folder, "open"));
  await writeFile(join(folder, "secret.txt"), "not for anybody");
  await writeFile(join(folder, "open", "shot.png"), png);
  await symlink(join(folder, "secret.txt"), join(folder, "open", "link.txt"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await emulator.close();
});

let sent = 0;
beforeEach(() => {
  sent = emulator.requests.length;
});
const requests = () => emulator.requests.slice(sent);

async function client(options: Partial<GitLabOptions> = {}) {
  const connections = { gitlab: { baseUrl: emulator.baseUrl } };
  const gitlab = createGitLab({ store: "memory:", connections, ...options });
  onTestFinished(() => gitlab.close());
  await gitlab.connectWithToken({ identifier: "ada", token: adasToken });
  sent = emulator.requests.length;
  return { gitlab, ada: gitlab.as("ada"), call: { identifier: "ada", toolName } };
}

test("bytes, text, base64 and paths become files at GitLab", async () => {
  const { ada } = await client();
  const files = [
    { file: { file_name: "bytes.png", content: png }, size: png.length },
    { file: { file_name: "text.txt", content: "Grüße" }, size: 7 },
    { file: { file_name: "base.bin", content: "AAEC\n/w==", encoding: "base64" as const }, size: 4 },
    { file: join(folder, "open", "shot.png"), size: png.length, filename: "shot.png" },
    {
      file: { path: join(folder, "open", "shot.png"), file_name: "named.png" },
      size: png.length,
      filename: "named.png",
    },
  ];
  for (const { file, size, filename = typeof file === "string" ? "" : file.file_name } of files) {
    const { data, status } = await projectUploadCreate(ada, { ...project, file });
    expect(status).toBe(201);
    expect(data).toMatchObject({ markdown: expect.stringContaining(`/${filename})`) as string });
    const { data: kept } = await projectUploadsList(ada, project);
    expect(kept).toContainEqual(expect.objectContaining({ filename, size }));
  }
});

test("a picture goes beside the other fields in a form, and without one the body is JSON", async () => {
  const { ada } = await client();
  const file = { file_name: "logo.png", content: png };
  const changed = await projectUpdate(ada, {
    ...project,
    avatar: file,
    description: 'With "a" logo',
    topics: ["a", "b"],
  });
  expect(changed.data).toMatchObject({ description: 'With "a" logo', topics: ["a", "b"] });
  expect(changed.data.avatar_url).toMatch(/\/logo\.png$/);
  const group = await groupUpdate(ada, { group_id: "acme", avatar: file, emails_enabled: true });
  expect(group.data.avatar_url).toMatch(/\/logo\.png$/);
  expect((await projectUpdate(ada, { ...project, avatar: null })).data.avatar_url).toBeNull();
});

test("the bytes on the wire are those of the file, whatever its name", async () => {
  const bodies: Buffer[] = [];
  let type = "";
  const server = createServer((request, response) => {
    if (request.method !== "POST") return void response.writeHead(404).end();
    type = request.headers["content-type"] ?? "";
    void buffer(request).then((body) => {
      if (bodies.push(body) === 1) response.writeHead(429).end();
      else json(response, { id: 1 }, 201);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const stand = { baseUrl: `http://127.0.0.1:${String(port)}`, arrived: [], stop: () => Promise.resolve() };
  const { account } = await connect(stand, { sleep: () => Promise.resolve() });
  await projectUploadCreate(account, { project_id: 1, file: { file_name: 'a"; x="ü.png', content: png } });
  // Sent again after 429 only: GitLab had not acted. The second body is the first.
  const [body, first] = [bodies[1] ?? Buffer.of(), bodies[0]];
  expect(bodies).toHaveLength(2);
  expect(body.equals(first ?? Buffer.of())).toBe(true);
  const form = await new Response(body, { headers: { "content-type": type } }).formData();
  const file = form.get("file");
  if (typeof file === "string" || file === null) throw new Error("no file came");
  expect([file.name, file.type]).toEqual(['a"; x="ü.png', "image/png"]);
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(png);
});

test.each([502, 503, 504])("after %i an upload is not sent again: it may have been kept", async (status) => {
  const server = await serve((_, response) => response.writeHead(status).end());
  const { account } = await connect(server, { sleep: () => Promise.resolve() });
  const upload = projectUploadCreate(account, { project_id: 1, file: { file_name: "a.txt", content: "x" } });
  await expect(upload).rejects.toMatchObject({ code: "gitlab_unavailable" });
  expect(server.arrived).toHaveLength(1);
});

test("what would be sent shows names and sizes, and no content, to dry runs, approvals and hooks", async () => {
  const seen: unknown[] = [];
  const { ada } = await client({
    onBeforeWrite: ({ request }: PendingWrite) => void seen.push(request),
    onRequest: (event) => void seen.push(event),
  });
  const input = { ...project, file: { file_name: "a.txt", content: "the words in the file" } };
  const dry = await projectUploadCreate(ada, input, { dryRun: true });
  expect(dry.data).toMatchObject({
    method: "POST",
    body: { file: { file_name: "a.txt", content_type: "text/plain", size: 21 } },
  });
  expect(requests()).toEqual([]);
  await projectUploadCreate(ada, input);
  const all = [dry, ...seen];
  expect(all.length).toBeGreaterThan(2);
  for (const one of all) expect(inspect(one, { depth: 9 }) + JSON.stringify(one)).not.toContain("the words");
});

test("what is no file is refused before anything is sent", async () => {
  const { ada, gitlab, call } = await client();
  const wrong: [unknown, string][] = [
    [7, "file: expected a path"],
    [{ content: "x" }, "file_name is missing"],
    [{ file_name: "../a", content: "x" }, "without folders"],
    [{ file_name: "a", content: "x", path: "b" }, "not both"],
    [{ file_name: "a", content: "@@", encoding: "base64" }, "content to be base64"],
    [{ file_name: "a", contents: "x" }, '"contents"'],
    [{ file_name: "a", content: new Uint8Array(100 * 1024 ** 2 + 1) }, "at most 100 MiB"],
  ];
  for (const [file, message] of wrong)
    await expect(gitlab.executeTool({ ...call, toolInput: { ...project, file } })).rejects.toThrow(message);
  await expect(gitlab.executeTool({ ...call, toolInput: project })).rejects.toThrow("file: is required");
  await expect(projectUploadCreate(ada, { ...project, file: folder })).rejects.toThrow("is not a file");
  const missing = projectUploadCreate(ada, { ...project, file: join(folder, "none") });
  await expect(missing).rejects.toThrow("does not exist");
  expect(requests()).toEqual([]);
});

test("a file with a mask in it is not sent, however it is given: what the mask hides would be destroyed", async () => {
  const { ada, gitlab, call } = await client();
  const text = `key: [secret hidden: gitlab token]\n`;
  const base64 = Buffer.from(text).toString("base64");
  const path = join(folder, "open", "masked.env");
  await writeFile(path, text);
  // Across the parts in which a large file is looked through.
  const late = new Uint8Array(3 * 1024 ** 2);
  late.set(new TextEncoder().encode(text), 2 * 1024 ** 2 - 12);
  const files = [
    path,
    { path },
    { file_name: "a.env", content: text },
    { file_name: "a.env", content: base64, encoding: "base64" as const },
    { file_name: "a.env", content: late },
    { file_name: "[secret hidden: gitlab token].env", content: "x" },
    { file_name: "a.md", content: 'Steps [hidden: HTML comment "x"]' },
  ];
  const refusal = { code: "invalid_input", details: { fields: [expect.objectContaining({ field: "file" })] } };
  for (const file of files) await expect(projectUploadCreate(ada, { ...project, file })).rejects.toMatchObject(refusal);
  const policy = { uploads: join(folder, "open") };
  const byName = gitlab.executeTool({ ...call, policy, toolInput: { ...project, file: { path: "masked.env" } } });
  await expect(byName).rejects.toMatchObject(refusal);
  await expect(projectUpdate(ada, { ...project, avatar: { path } })).rejects.toThrow("avatar: contains a mask");
  // A repository's file may be given as base64 as well.
  const file = { ...project, file_path: "a.env", branch: "main", commit_message: "x", encoding: "base64" as const };
  await expect(fileCreate(ada, { ...file, content: base64 })).rejects.toThrow("content: contains a mask");
  const action = { action: "create" as const, file_path: "a.env", content: base64, encoding: "base64" as const };
  const commit = { ...project, branch: "main", commit_message: "x", actions: [action] };
  await expect(commitCreate(ada, commit)).rejects.toThrow("actions: contains a mask");
  expect(requests()).toEqual([]);
});

test("a call by name reads files only below a folder that was set, and links lead nowhere else", async () => {
  const { gitlab, call } = await client();
  const inside = { ...project, file: { path: "shot.png" } };
  for (const file of [join(folder, "open", "shot.png"), { path: "x" }, '{"path":"x"}'])
    await expect(gitlab.executeTool({ ...call, toolInput: { ...project, file } })).rejects.toThrow(
      "no folder for uploads",
    );
  const policy = { uploads: join(folder, "open") };
  for (const path of ["../secret.txt", "link.txt", join(folder, "secret.txt"), "../none", "/none/at/all"])
    await expect(gitlab.executeTool({ ...call, policy, toolInput: { ...project, file: { path } } })).rejects.toThrow(
      "leads out of the folder for uploads",
    );
  const gone = { uploads: join(folder, "gone") };
  await expect(gitlab.executeTool({ ...call, policy: gone, toolInput: inside })).rejects.toThrow("leads out");
  expect(requests()).toEqual([]);
  expect((await gitlab.executeTool({ ...call, policy, toolInput: inside })).status).toBe(201);
});

test("a model gives content, and names files only with a folder for them", async () => {
  const { gitlab } = await client();
  const options = { gitlab, identifier: "ada", select: { tools: [toolName] } };
  const closed = createToolbox(options);
  const open = createToolbox({ ...options, policy: { uploads: join(folder, "open") } });
  const offered = ({ definitions }: typeof open) => definitions[0]?.inputSchema.properties?.["file"];
  expect(offered(closed)).toMatchObject({ type: "object", required: ["file_name", "content"] });
  expect(Object.keys(offered(closed)?.properties ?? {})).not.toContain("path");
  expect(Object.keys(offered(open)?.properties ?? {})).toContain("path");
  const named = { ...project, file: { path: "shot.png", file_name: null } };
  expect(await closed.run(toolName, named)).toMatchObject({ isError: true });
  expect(requests()).toEqual([]);
  expect(await open.run(toolName, named)).toMatchObject({ isError: false });
  const given = { ...project, file: { file_name: "notes.md", content: "# Notes" } };
  expect((await closed.run(toolName, given)).text).toContain("notes.md");
});

test("artifacts are found by branch and job as well: those of the latest pipeline that succeeded", async () => {
  const { ada, gitlab } = await client();
  const { data: pipelines } = await pipelinesList(ada, { ...project, ref: "main", status: "success" });
  const { data: jobs } = await pipelineJobsList(ada, { ...project, pipeline_id: pipelines[0]?.id ?? 0 });
  const job = jobs.find(({ artifacts_file: file }) => file);
  const named = { ...project, ref: "main", job: job?.name ?? "" };
  const byRef = await refArtifactsDownload(ada, { ...named, save_to: join(folder, "ref.zip") });
  const byId = await jobArtifactsDownload(ada, { ...project, job_id: job?.id ?? 0, save_to: join(folder, "job.zip") });
  expect(byRef.data).toMatchObject({ size: byId.data.size, saved_to: join(folder, "ref.zip") });
  const [artifact_path = ""] = Object.keys(unzipSync(await readFile(join(folder, "ref.zip"))));
  expect(artifact_path).not.toBe("");
  const { data: one } = await refArtifactGet(ada, { ...named, artifact_path });
  const { data: same } = await jobArtifactsGet(ada, { ...project, job_id: job?.id ?? 0, artifact_path });
  expect(one.content).toBe(same.content);
  await expect(refArtifactsDownload(ada, { ...named, job: "none" })).rejects.toMatchObject({ code: "not_found" });
  // The account's own token is all that a call needs: no other is asked for.
  const toolInput = { ...named, job_token: "x" };
  const given = gitlab.executeTool({ identifier: "ada", toolName: "gitlab_ref_artifacts_download", toolInput });
  await expect(given).rejects.toMatchObject({ code: "invalid_input" });
});

test("archives and single artifacts are downloads", async () => {
  const { ada } = await client();
  const saved = join(folder, "app.tar.gz");
  const { data } = await repositoryArchiveGet(ada, { ...project, sha: "main", save_to: saved });
  expect(data).toMatchObject({ saved_to: saved, file_name: expect.stringMatching(/^app-main-.*\.tar\.gz$/) as string });
  await expect(repositoryArchiveGet(ada, { ...project, max_bytes: 10 })).rejects.toMatchObject({
    code: "response_too_large",
  });
  const server = await serve((_, response) => response.end(png));
  const { account } = await connect(server);
  const artifact = await jobArtifactsGet(account, { project_id: 1, job_id: 2, artifact_path: "a/b.png" });
  expect(artifact.data).toMatchObject({ size: png.length, content: Buffer.from(png).toString("base64") });
});

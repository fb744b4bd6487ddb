import { describe, expect, test } from "vitest";
import { field, pluck, setup, type Reply } from "./client.js";

const { api, emulator, clock } = setup();
const app = "/projects/acme%2Fapp";
const repository = `${app}/repository`;

const fileUrl = (path: string): string => `${repository}/files/${encodeURIComponent(path)}`;

const read = (path: string, ref = "main"): Promise<Reply> =>
  api(`${fileUrl(path)}?ref=${encodeURIComponent(ref)}`, { as: "ada" });

const content = (reply: Reply): string => Buffer.from(String(field(reply.body, "content")), "base64").toString("utf8");

const write = (
  method: "POST" | "PUT",
  path: string,
  json: Readonly<Record<string, unknown>>,
  as = "ben",
): Promise<Reply> => api(fileUrl(path), { as, method, json: { commit_message: "Change", ...json } });

const branchOff = (branch: string, ref = "main"): Promise<Reply> =>
  api(`${repository}/branches`, { as: "ben", json: { branch, ref } });

describe("files", () => {
  test("come in base64, with everything about them", async () => {
    const answer = await read("docs/api/overview.md", "HEAD");
    expect(answer).toMatchObject({
      status: 200,
      body: { file_name: "overview.md", file_path: "docs/api/overview.md", encoding: "base64", ref: "HEAD", size: 72 },
    });
    expect(content(answer)).toContain("All answers are JSON");
    expect(answer.headers.get("x-gitlab-last-commit-id")).toBe(field(answer.body, "last_commit_id"));
  });

  test("what is missing is named", async () => {
    expect(await read("nope.md")).toMatchObject({ status: 404, body: { message: "404 File Not Found" } });
    expect(await read("README.md", "nope")).toMatchObject({ status: 404, body: { message: "404 Commit Not Found" } });
    expect(await api(fileUrl("README.md"), { as: "ada" })).toMatchObject({
      status: 400,
      body: { error: "ref is missing" },
    });
  });

  test("a percent sign and spaces are characters of a name", async () => {
    await branchOff("odd-names");
    for (const path of ["docs/100% sure.md", "docs/a%2Fb.md", "docs/ä #1?.md"]) {
      expect(await write("POST", path, { branch: "odd-names", content: path })).toMatchObject({
        status: 201,
        body: { file_path: path, branch: "odd-names" },
      });
      expect(content(await read(path, "odd-names"))).toBe(path);
    }
  });

  test("are created once", async () => {
    await branchOff("once");
    expect((await write("POST", "one.txt", { branch: "once", content: "1" })).status).toBe(201);
    expect(await write("POST", "one.txt", { branch: "once", content: "2" })).toMatchObject({
      status: 400,
      body: { message: "A file with this name already exists" },
    });
    expect(await write("PUT", "two.txt", { branch: "once", content: "2" })).toMatchObject({
      status: 400,
      body: { message: "A file with this name doesn't exist" },
    });
  });

  test("a change of something that has changed since is refused", async () => {
    await branchOff("lost-update");
    const path = "docs/setup.md";
    const seen = field((await read(path, "lost-update")).body, "last_commit_id");
    const change = (text: string): Promise<Reply> =>
      write("PUT", path, { branch: "lost-update", content: text, last_commit_id: seen });
    expect((await change("first")).status).toBe(200);
    expect(await change("second")).toMatchObject({
      status: 400,
      body: { message: "You are attempting to update a file that has changed since you started editing it." },
    });
    expect(content(await read(path, "lost-update"))).toBe("first");
    // Changes of other files do not matter.
    const now = field((await read(path, "lost-update")).body, "last_commit_id");
    await write("POST", "other.md", { branch: "lost-update", content: "x" });
    const again = await write("PUT", path, { branch: "lost-update", content: "third", last_commit_id: now });
    expect(again.status).toBe(200);
  });

  test("a change can start a branch", async () => {
    const started = await write("PUT", "README.md", { branch: "fresh", start_branch: "v1.3.0", content: "New\n" });
    expect(started.status).toBe(200);
    const { body } = await api(`${repository}/branches/fresh`, { as: "ada" });
    expect(field(body, "commit", "parent_ids", 0)).toBe(
      emulator().state.projectByPath("acme/app")?.repository.resolve("v1.3.0"),
    );
    expect(await write("PUT", "README.md", { branch: "nowhere", content: "x" })).toMatchObject({
      status: 400,
      body: { message: "You can only create or edit files when you are on a branch" },
    });
  });

  test("base64 is for files that are no text", async () => {
    await branchOff("binary");
    const bytes = Buffer.from([0, 255, 1, 254]);
    await write("POST", "a.bin", { branch: "binary", content: bytes.toString("base64"), encoding: "base64" });
    expect(field((await read("a.bin", "binary")).body, "content")).toBe(bytes.toString("base64"));
    const diff = await api(`${repository}/compare?from=main&to=binary`, { as: "ada" });
    expect(field(diff.body, "diffs", 0, "diff")).toContain("Binary files");
  });

  test("are deleted", async () => {
    await branchOff("deleting");
    const gone = await api(`${fileUrl("README.md")}?branch=deleting&commit_message=Away`, {
      as: "ben",
      method: "DELETE",
    });
    expect(gone).toMatchObject({ status: 204, body: "" });
    expect((await read("README.md", "deleting")).status).toBe(404);
  });

  test("developers do not push to protected branches", async () => {
    expect(await write("PUT", "README.md", { branch: "main", content: "x" })).toMatchObject({
      status: 400,
      body: { message: "You are not allowed to push into this branch" },
    });
    expect((await write("PUT", "README.md", { branch: "main", content: "# App\n" }, "ada")).status).toBe(200);
  });

  test("guests do not read the code of a private project", async () => {
    expect((await api(`${fileUrl("README.md")}?ref=main`, { as: "guest" })).status).toBe(403);
    expect((await api(`${repository}/tree`, { as: "guest" })).status).toBe(403);
  });
});

describe("branches, tags, tree", () => {
  test("branches are found, made and deleted", async () => {
    expect(await branchOff("feature/x")).toMatchObject({ status: 201, body: { name: "feature/x", merged: true } });
    expect(await branchOff("feature/x")).toMatchObject({ status: 400, body: { message: "Branch already exists" } });
    expect(await branchOff("y", "nowhere")).toMatchObject({
      status: 400,
      body: { message: "Failed to create branch 'y': invalid reference name 'nowhere'" },
    });
    const search = async (text: string): Promise<unknown[]> =>
      pluck((await api(`${repository}/branches?search=${encodeURIComponent(text)}`, { as: "ada" })).body, "name");
    expect(await search("^feature/")).toEqual(["feature/x"]);
    expect(await search("e/x$")).toEqual(["feature/x"]);
    expect(await search("x$")).toContain("feature/x");
    const path = `${repository}/branches/feature%2Fx`;
    expect((await api(path, { as: "ben", method: "DELETE" })).status).toBe(204);
    expect(await api(path, { as: "ada" })).toMatchObject({ status: 404, body: { message: "404 Branch Not Found" } });
    expect((await api(`${repository}/branches/main`, { as: "ada", method: "DELETE" })).status).toBe(400);
  });

  test("tags", async () => {
    const make = (json: object): Promise<Reply> => api(`${repository}/tags`, { as: "ada", json });
    expect(await make({ tag_name: "t/1", ref: "main", message: "One" })).toMatchObject({
      status: 201,
      body: { name: "t/1", message: "One", protected: false, created_at: clock.now().toISOString() },
    });
    expect(await make({ tag_name: "t/1", ref: "main" })).toMatchObject({
      status: 400,
      body: { message: "Tag t/1 already exists" },
    });
    expect(await make({ tag_name: "t 2", ref: "main" })).toMatchObject({ body: { message: "Tag name invalid" } });
    expect(await make({ tag_name: "t3", ref: "nope" })).toMatchObject({ body: { message: "Target nope is invalid" } });
    expect((await api(`${repository}/tags/t%2F1`, { as: "ada", method: "DELETE" })).status).toBe(204);
    expect(await api(`${repository}/tags/t%2F1`, { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 Tag Not Found" },
    });
    expect((await api(`${repository}/tags/v1.2.0`, { as: "ben", method: "DELETE" })).status).toBe(403);
  });

  test("the tree, one folder or all", async () => {
    const tree = async (query: string): Promise<unknown[]> =>
      pluck((await api(`${repository}/tree?${query}`, { as: "ada" })).body, "path");
    expect((await tree("path=docs/api"))[0]).toBe("docs/api/overview.md");
    expect(await tree("ref=v1.2.0")).toEqual(["src", ".gitignore", "LICENSE", "README.md", "package.json"]);
    expect(await tree("ref=v1.2.0&recursive=true")).toContain("src/server.ts");
    expect(await api(`${repository}/tree?path=nowhere`, { as: "ada" })).toMatchObject({ status: 404 });
    expect(await api(`${repository}/tree?ref=nowhere`, { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 Tree Not Found" },
    });
  });
});

describe("commits", () => {
  test("by path, author and time", async () => {
    const titles = async (query: string): Promise<unknown[]> =>
      pluck((await api(`${repository}/commits?${query}`, { as: "ada" })).body, "title");
    expect(await titles("path=package.json&ref_name=v1.3.0")).toEqual(["Prepare v1.3.0", "Initial commit"]);
    expect(await titles("path=src&ref_name=v1.3.0")).toEqual([
      "Check prices before they are shown",
      "Serve the portal",
    ]);
    expect(await titles("ref_name=v1.2.0&author=Ben")).toEqual(["Serve the portal"]);
    expect(await titles("ref_name=v1.3.0&until=2000-01-01T00:00:00Z")).toEqual([]);
    expect(await api(`${repository}/commits?ref_name=nope`, { as: "ada" })).toMatchObject({ status: 404 });
  });

  test("one by any of its names", async () => {
    const { body } = await api(`${repository}/commits/v1.3.0`, { as: "ada" });
    expect(body).toMatchObject({
      title: "Prepare v1.3.0",
      trailers: { "Reviewed-by": "Ben Berg <ben@example.com>" },
      stats: { additions: 10, deletions: 1, total: 11 },
    });
    const short = String(field(body, "short_id"));
    expect((await api(`${repository}/commits/${short}`, { as: "ada" })).body).toMatchObject({ id: field(body, "id") });
    expect(await api(`${repository}/commits/ffffffff`, { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 Commit Not Found" },
    });
  });

  test("a diff as git writes it", async () => {
    const { body } = await api(`${repository}/commits/v1.3.0/diff`, { as: "ada" });
    expect(pluck(body, "new_path")).toEqual(["CHANGELOG.md", "package.json"]);
    expect(field(body, 1)).toMatchObject({ a_mode: "100644", b_mode: "100644", new_file: false });
    expect(field(body, 1, "diff")).toBe(
      '@@ -1,6 +1,6 @@\n {\n   "name": "app",\n-  "version": "1.2.0",\n+  "version": "1.3.0",\n   "type": "module",\n   "scripts": { "start": "node dist/server.js", "test": "node --test" }\n }\n',
    );
  });

  test("comparing goes from where two refs parted, unless it is straight", async () => {
    await branchOff("parted", "v1.3.0");
    await write("POST", "new.txt", { branch: "parted", content: "new\n" });
    const compare = async (query: string): Promise<unknown> =>
      (await api(`${repository}/compare?${query}`, { as: "ada" })).body;
    const parted = await compare("from=main&to=parted");
    expect(pluck(field(parted, "commits"), "title")).toEqual(["Change"]);
    expect(pluck(field(parted, "diffs"), "new_path")).toEqual(["new.txt"]);
    const straight = await compare("from=main&to=parted&straight=true");
    expect(pluck(field(straight, "diffs"), "new_path").length).toBeGreaterThan(1);
    expect(await compare("from=main&to=main")).toMatchObject({ commit: null, commits: [], compare_same_ref: true });
    expect(await api(`${repository}/compare?from=main&to=nope`, { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 Ref Not Found" },
    });
  });

  test("comments", async () => {
    const path = `${repository}/commits/v1.3.0/comments`;
    expect(
      await api(path, { as: "ben", json: { note: "Nice", path: "package.json", line: 3, line_type: "new" } }),
    ).toMatchObject({ status: 201, body: { note: "Nice", line: 3, author: { username: "ben" } } });
    expect(pluck((await api(path, { as: "ada" })).body, "note")).toEqual(["Nice"]);
  });
});

describe("releases", () => {
  test("are made with a tag, once", async () => {
    const make = (json: object): Promise<Reply> => api(`${app}/releases`, { as: "ben", json });
    expect(await make({ tag_name: "r1" })).toMatchObject({ status: 422, body: { message: "Ref is not specified" } });
    const made = await make({
      tag_name: "r1",
      ref: "main",
      description: "Notes",
      milestones: ["v1.5"],
      assets: { links: [{ name: "site", url: "https://example.com", link_type: "other" }] },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { tag_name: "r1", author: { username: "ben" }, milestones: [{ title: "v1.5" }], assets: { count: 5 } },
    });
    expect(await make({ tag_name: "r1" })).toMatchObject({ status: 409, body: { message: "Release already exists" } });
    expect((await api(`${app}/releases/r1`, { as: "ben", method: "DELETE" })).status).toBe(200);
    expect((await api(`${repository}/tags/r1`, { as: "ada" })).status).toBe(200);
  });
});

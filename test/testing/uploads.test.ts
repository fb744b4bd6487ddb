import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { unzipSync } from "fflate";
import { field, setup } from "./client.js";

const { emulator, api, token } = setup();
const app = "/projects/acme%2Fapp";
const png = new Blob([new Uint8Array([137, 80, 78, 71])], { type: "image/png" });

const multipart = async (
  method: string,
  path: string,
  fields: Readonly<Record<string, string | Blob>>,
  name = "logo.png",
) => {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) {
    if (typeof value === "string") form.append(key, value);
    else form.append(key, value, name);
  }
  const headers = { "private-token": token("ada") };
  const response = await fetch(`${emulator().baseUrl}/api/v4${path}`, { method, headers, body: form });
  return { status: response.status, body: await response.json() };
};
const download = async (path: string): Promise<Response> =>
  fetch(`${emulator().baseUrl}/api/v4${path}`, { headers: { "private-token": token("ada") } });

describe("files that are sent", () => {
  test("an upload is linked to in Markdown, an image as one", async () => {
    const image = await multipart("POST", `${app}/uploads`, { file: png });
    expect(image).toMatchObject({ status: 201, body: { alt: "logo" } });
    expect(field(image.body, "markdown")).toMatch(/^!\[logo\]\(\/uploads\/[0-9a-f]{32}\/logo\.png\)$/);
    expect(field(image.body, "full_path")).toMatch(/^\/-\/project\/\d+\/uploads\//);
    const text = await multipart("POST", `${app}/uploads`, { file: new Blob(["x"]) }, "notes.txt");
    expect(field(text.body, "markdown")).toMatch(/^\[notes\.txt\]\(/);
    expect(await multipart("POST", `${app}/uploads`, { files: "x" })).toMatchObject({
      status: 400,
      body: { error: "file is missing" },
    });
  });

  test("uploads are listed to maintainers", async () => {
    expect((await api(`${app}/uploads`, { as: "ada" })).body).toMatchObject([
      { filename: "notes.txt", size: 1, uploaded_by: { username: "ada" } },
      { filename: "logo.png", size: 4 },
    ]);
    expect((await api(`${app}/uploads`, { as: "ben" })).status).toBe(403);
  });

  test("an avatar of a project or a group is kept, shown, and taken away", async () => {
    for (const path of [app, "/groups/acme"]) {
      const changed = await multipart("PUT", path, { avatar: png });
      expect(changed.status).toBe(200);
      expect(field(changed.body, "avatar_url")).toMatch(
        /\/uploads\/-\/system\/(?:project|group)\/avatar\/\d+\/logo\.png$/,
      );
      expect(field((await api(path, { as: "ada" })).body, "avatar_url")).toBe(field(changed.body, "avatar_url"));
      const gone = await api(path, { as: "ada", method: "PUT", json: { avatar: "" } });
      expect(gone).toMatchObject({ status: 200, body: { avatar_url: null } });
    }
  });

  test("an avatar that is no image, or too big a one, is refused", async () => {
    expect((await multipart("PUT", app, { avatar: new Blob(["x"], { type: "text/plain" }) })).status).toBe(400);
    const big = new Blob([new Uint8Array(200 * 1024 + 1)], { type: "image/png" });
    expect(await multipart("PUT", app, { avatar: big })).toMatchObject({
      status: 400,
      body: { message: { avatar: ["is too big (should be at most 200 KiB)"] } },
    });
  });

  test("an upload that breaks off leaves the emulator running", async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"title":'));
        controller.error(new Error("broken off"));
      },
    });
    const options = { method: "POST", body: stream, duplex: "half", headers: { "private-token": token("ada") } };
    await expect(fetch(`${emulator().baseUrl}/api/v4${app}/issues`, options as RequestInit)).rejects.toThrow();
    expect((await api("/user", { as: "ada" })).status).toBe(200);
  });
});

describe("archives", () => {
  test("a ZIP and a tar have the files of a ref below a folder that names it", async () => {
    const zipped = await download(`${app}/repository/archive.zip?sha=main`);
    const name =
      /filename="(app-main-[0-9a-f]{40})\.zip"/.exec(zipped.headers.get("content-disposition") ?? "")?.[1] ?? "";
    const files = unzipSync(new Uint8Array(await zipped.arrayBuffer()));
    const readme = new TextDecoder().decode(files[`${name}/README.md`]);
    expect(readme).not.toBe("");
    const packed = await download(`${app}/repository/archive?path=README.md`);
    const tar = gunzipSync(await packed.arrayBuffer());
    expect(tar.subarray(0, 9).toString()).toBe("README.md");
    expect(tar.subarray(257, 262).toString()).toBe("ustar");
    expect(tar.subarray(512).toString()).toContain(readme);
  });

  test("an unknown ref has none", async () => {
    expect(await api(`${app}/repository/archive.zip?sha=nowhere`, { as: "ada" })).toMatchObject({
      status: 404,
      body: { message: "404 File Not Found" },
    });
  });
});

describe("changelogs", () => {
  test("name the commits since the last version by their trailers, and are written to a file", async () => {
    const commit = (path: string, message: string): ReturnType<typeof api> =>
      api(`${app}/repository/files/${path}`, {
        as: "ada",
        method: "POST",
        json: { branch: "main", commit_message: message, content: "x" },
      });
    const changelog = `${app}/repository/changelog`;
    await api(`${app}/repository/tags`, { as: "ada", method: "POST", json: { tag_name: "v7.0.0", ref: "main" } });
    expect((await api(`${changelog}?version=7.1.0`, { as: "ada" })).body).toEqual({
      notes: "## 7.1.0 (2026-03-04)\n\nNo changes.\n",
    });
    await commit("one.txt", "Add one\n\nChangelog: added");
    await commit("two.txt", "Say nothing of two");
    const { body } = await api(`${changelog}?version=7.1.0`, { as: "ada" });
    expect(field(body, "notes")).toMatch(/### added \(1 change\)\n\n- \[Add one\]\(acme\/app@[0-9a-f]{40}\)\n$/);
    const written = await api(changelog, { as: "ada", method: "POST", json: { version: "7.1.0", branch: "main" } });
    expect(written.status).toBe(200);
    const file = await api(`${app}/repository/files/CHANGELOG.md/raw?ref=main`, { as: "ada" });
    expect(file.body).toContain("## 7.1.0 (2026-03-04)");
  });

  test("need something to begin from", async () => {
    expect((await api(`${app}/repository/changelog?version=0.0.1`, { as: "ada" })).status).toBe(422);
    expect((await api(`${app}/repository/changelog`, { as: "ada" })).body).toEqual({ error: "version is missing" });
  });
});

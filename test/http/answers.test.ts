import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitLabToolError } from "gitlab-agent-tools";
import { createToolbox } from "gitlab-agent-tools/toolbox";
import {
  branchDelete,
  fileGet,
  issuesList,
  jobArtifactsDownload,
  jobLogGet,
  projectDelete,
  projectGet,
  projectStar,
  projectUpdate,
} from "gitlab-agent-tools/tools";
import { describe, expect, test } from "vitest";
import { connect, json, serve, token, type TestServer } from "../support/server.js";

const code = (error: unknown): unknown => (error instanceof GitLabToolError ? error.code : error);

describe("pages", () => {
  test("page information is read from the headers", async () => {
    const server = await serve((_, response) =>
      json(response, [{ iid: 1 }], 200, {
        "x-page": "2",
        "x-per-page": "1",
        "x-next-page": "3",
        "x-total": "9",
        "x-total-pages": "9",
      }),
    );
    const { account } = await connect(server);
    const result = await issuesList(account, { project_id: 1 });
    expect(result.page).toEqual({ page: 2, perPage: 1, nextPage: 3, total: 9, totalPages: 9, hasMore: true });
    expect(result).toMatchObject({ status: 200, requestId: "req-1" });
  });

  test("every page, each asked for only when the loop gets there, offset and keyset", async () => {
    const server = await serve((request, response) => {
      const cursor = new URL(request.url, "http://x").searchParams.get("cursor") ?? "1";
      const next = `<${server.baseUrl}/api/v4/projects/1/issues?cursor=${Number(cursor) + 1}&labels=bug%2Cp1>; rel="next", <${server.baseUrl}/x>; rel="first"`;
      json(
        response,
        [{ iid: Number(cursor) }, { iid: Number(cursor) + 10 }],
        200,
        Number(cursor) < 3 ? { link: next } : {},
      );
    });
    const { account } = await connect(server);
    const seen: number[] = [];
    for await (const issue of issuesList.pages(account, { project_id: 1, labels: "bug,p1" })) {
      seen.push(issue.iid);
      if (seen.length === 2) expect(server.arrived).toHaveLength(1);
    }
    expect(seen).toEqual([1, 11, 2, 12, 3, 13]);
    expect(server.arrived.map(({ url }) => url)).toEqual([
      "/api/v4/projects/1/issues?labels=bug%2Cp1",
      "/api/v4/projects/1/issues?cursor=2&labels=bug%2Cp1",
      "/api/v4/projects/1/issues?cursor=3&labels=bug%2Cp1",
    ]);
  });

  test("a link to another origin is not followed", async () => {
    const elsewhere = await serve((_, response) => json(response, []));
    const server = await serve((_, response) =>
      json(response, [{ iid: 1 }], 200, { link: `<${elsewhere.baseUrl}/api/v4/x?page=2>; rel="next"` }),
    );
    const { account } = await connect(server);
    const walk = async () => {
      for await (const _ of issuesList.pages(account, { project_id: 1 }));
    };
    expect(await walk().catch(code)).toBe("connection_misconfigured");
    expect(elsewhere.arrived).toHaveLength(0);
  });
});

describe("files", () => {
  const file = (bytes: Buffer) => ({
    file_name: "f",
    encoding: "base64",
    content: bytes.toString("base64"),
    last_commit_id: "c1",
  });

  test("text is decoded, whatever its alphabet; binary keeps its base64", async () => {
    const contents = [
      Buffer.from("héllo ✓\n"),
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x00, 0xff]),
      Buffer.from("\ufeffbom"),
      Buffer.from(""),
    ];
    const server = await serve((_, response, number) => json(response, file(contents[number - 1] ?? Buffer.alloc(0))));
    const { account } = await connect(server);
    const read = async () => (await fileGet(account, { project_id: 1, file_path: "f", ref: "HEAD" })).data;
    expect(await read()).toMatchObject({ encoding: "text", content: "héllo ✓\n", last_commit_id: "c1" });
    expect(await read()).toMatchObject({ encoding: "base64", content: contents[1]?.toString("base64") });
    expect((await read()).content).toBe("\ufeffbom");
    expect((await read()).content).toBe("");
  });
});

describe("logs", () => {
  test("the last lines of a long log, without holding it", async () => {
    const lines = Array.from({ length: 200_000 }, (_, number) => `line ${number} ✓`);
    const server = await serve(
      (_, response) => void response.writeHead(200, { "content-type": "text/plain" }).end(lines.join("\n")),
    );
    const { account } = await connect(server, { maxResponseBytes: 100_000 });
    const { data } = await jobLogGet(account, { project_id: 1, job_id: 2, tail_lines: 3 });
    expect(data).toBe(lines.slice(-3).join("\n"));
    const tail = (await jobLogGet(account, { project_id: 1, job_id: 2, max_bytes: 40 })).data;
    expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(40);
    expect(lines.join("\n").endsWith(tail)).toBe(true);
    expect(await jobLogGet(account, { project_id: 1, job_id: 2 }).catch(code)).toBe("response_too_large");
  });
});

describe("downloads", () => {
  test("are saved whole or not at all, from another origin without the token", async () => {
    const storage = await serve(
      (_, response) => void response.writeHead(200, { "content-type": "application/zip" }).end("PK-archive"),
    );
    const server = await serve(
      (_, response) => void response.writeHead(302, { location: `${storage.baseUrl}/a.zip?sig=1` }).end(),
    );
    const { account } = await connect(server);
    const folder = await mkdtemp(join(tmpdir(), "download-"));
    const { data } = await jobArtifactsDownload(account, { project_id: 1, job_id: 2, save_to: join(folder, "a.zip") });
    expect(data).toMatchObject({ saved_to: join(folder, "a.zip"), size: 10 });
    expect(await readFile(join(folder, "a.zip"), "utf8")).toBe("PK-archive");
    expect(storage.arrived).toHaveLength(1);
    expect(JSON.stringify(storage.arrived)).not.toContain(token);

    const inMemory = await jobArtifactsDownload(account, { project_id: 1, job_id: 2, max_bytes: 100 });
    expect(Buffer.from(inMemory.data.content ?? "", "base64").toString()).toBe("PK-archive");
    expect(await jobArtifactsDownload(account, { project_id: 1, job_id: 2, max_bytes: 4 }).catch(code)).toBe(
      "response_too_large",
    );
  });

  test("save_to writes no more than a gibibyte unless max_bytes says so", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/zip", "content-length": 1024 ** 3 + 1 }).write("PK");
    });
    const { account } = await connect(server);
    const folder = await mkdtemp(join(tmpdir(), "download-"));
    const save_to = join(folder, "a.zip");
    const error: unknown = await jobArtifactsDownload(account, { project_id: 1, job_id: 2, save_to }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "response_too_large", details: { limitBytes: 1024 ** 3 } });
    expect(await readdir(folder)).toEqual([]);
  });

  test("max_bytes asks for less than the client's limit, never for more", async () => {
    const server = await serve((_, response) => void response.writeHead(200).end("PK".repeat(100)));
    const { account } = await connect(server, { maxResponseBytes: 100 });
    const more = { project_id: 1, job_id: 2, max_bytes: 1_000_000 };
    expect(await jobArtifactsDownload(account, more).catch(code)).toBe("response_too_large");
    expect((await jobLogGet(account, more)).data).toHaveLength(100);
    const folder = await mkdtemp(join(tmpdir(), "download-"));
    // Many at once: what is refused at once may come before the file is there.
    const names = Array.from({ length: 50 }, (_, index) => `${index}`);
    const saved = names.map((name) => ({ project_id: 1, job_id: 2, max_bytes: 10, save_to: join(folder, name) }));
    const refused = await Promise.all(saved.map((input) => jobArtifactsDownload(account, input).catch(code)));
    expect(refused).toEqual(names.map(() => "response_too_large"));
    expect(await readdir(folder)).toEqual([]);
  });

  test("nothing is left of a download that broke off, and a bad target is refused before any request", async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/zip", "content-length": "1000" });
      response.write("PK");
      setTimeout(() => response.destroy(), 20);
    });
    const { account } = await connect(server);
    const folder = await mkdtemp(join(tmpdir(), "download-"));
    const save = (save_to: string) => jobArtifactsDownload(account, { project_id: 1, job_id: 2, save_to }).catch(code);
    expect(await save(join(folder, "a.zip"))).toBe("network_error");
    expect(await readdir(folder)).toEqual([]);
    const before = server.arrived.length;
    expect(await save(join(folder, "missing", "a.zip"))).toBe("invalid_input");
    expect(await save(folder)).toBe("invalid_input");
    await writeFile(join(folder, "mine.txt"), "mine");
    expect(await save(join(folder, "mine.txt"))).toBe("invalid_input");
    expect(await readFile(join(folder, "mine.txt"), "utf8")).toBe("mine");
    expect(server.arrived).toHaveLength(before);
  });
});

describe("a folder for downloads", () => {
  test("nothing is written outside of it, whichever way the name leads out", async () => {
    const server = await serve((_, response) => void response.writeHead(200).end("PK"));
    const folder = await mkdtemp(join(tmpdir(), "download-"));
    await mkdir(join(folder, "inside"));
    await symlink(tmpdir(), join(folder, "inside", "link"));
    const { account } = await connect(server, { policy: { downloads: join(folder, "inside") } });
    const save = (save_to: string) => jobArtifactsDownload(account, { project_id: 1, job_id: 2, save_to });
    for (const out of ["../a.zip", join(folder, "a.zip"), "link/a.zip", "/etc/a.zip"]) {
      expect(await save(out).catch(code), out).toBe("invalid_input");
    }
    expect(server.arrived).toHaveLength(0);
    expect((await save("a.zip")).data.saved_to).toMatch(/inside\/a\.zip$/);
  });

  test("agents have none unless they are given one", async () => {
    const server = await serve((_, response) => void response.writeHead(200).end("PK"));
    const { gitlab } = await connect(server);
    const folder = await mkdtemp(join(tmpdir(), "download-"));
    const input = { project_id: 1, job_id: 2, save_to: join(folder, "a.zip") };
    const refused = await createToolbox({ gitlab, identifier: "user_1" }).run("gitlab_job_artifacts_download", input);
    expect(refused).toMatchObject({ isError: true, structured: { code: "invalid_input" } });
    const policy = { downloads: folder };
    const saved = await createToolbox({ gitlab, identifier: "user_1", policy }).run(
      "gitlab_job_artifacts_download",
      input,
    );
    expect(saved.isError).toBe(false);
    expect(await readdir(folder)).toEqual(["a.zip"]);
  });
});

describe("answers without a body, or with the wrong one", () => {
  test("204, 202 and 304", async () => {
    const server = await serve((request, response) => {
      if (request.url.includes("star")) response.writeHead(304).end();
      else if (request.url.includes("branches")) response.writeHead(204).end();
      else json(response, { message: "202 Accepted" }, 202);
    });
    const { account } = await connect(server);
    expect(await branchDelete(account, { project_id: 1, branch: "x" })).toMatchObject({ data: null, status: 204 });
    expect(await projectStar(account, { project_id: 1 })).toMatchObject({ data: null, status: 304 });
    expect(await projectDelete(account, { project_id: 1 })).toMatchObject({ status: 202 });
  });

  test("an HTML page, broken JSON and too much are errors", async () => {
    const bodies = ["<!DOCTYPE html><title>Sign in</title>", '{"id": 1, "na'];
    const server = await serve(
      (_, response, number) => void response.writeHead(200).end(bodies[number - 1] ?? "[".padEnd(5000)),
    );
    const { account } = await connect(server, { maxResponseBytes: 4096, limits: { attempts: 1 } });
    expect(await projectGet(account, { project_id: 1 }).catch(code)).toBe("gitlab_unavailable");
    expect(await projectGet(account, { project_id: 1 }).catch(code)).toBe("gitlab_unavailable");
    expect(await projectGet(account, { project_id: 1 }).catch(code)).toBe("response_too_large");
  });
});

describe("redirects", () => {
  test("a renamed project is followed on its own instance with the token, and nowhere else", async () => {
    const elsewhere = await serve((_, response) => json(response, { id: 2 }));
    const server = await serve((request, response) => {
      if (request.url.includes("old")) response.writeHead(301, { location: "/api/v4/projects/7" }).end();
      else if (request.url.includes("away")) response.writeHead(302, { location: `${elsewhere.baseUrl}/x` }).end();
      else json(response, { id: 7 });
    });
    const { account } = await connect(server);
    expect((await projectGet(account, { project_id: "g/old" })).data).toMatchObject({ id: 7 });
    expect(server.arrived[1]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(await projectGet(account, { project_id: "g/away" }).catch(code)).toBeTypeOf("string");
    expect(elsewhere.arrived).toHaveLength(0);
  });

  test("a download that comes back to the instance does so without the token", async () => {
    const storage = await serve(
      (_, response) => void response.writeHead(302, { location: `${server.baseUrl}/api/v4/x` }).end(),
    );
    const server: TestServer = await serve((request, response) => {
      if (request.url.endsWith("/artifacts")) response.writeHead(302, { location: `${storage.baseUrl}/a` }).end();
      else response.writeHead(200).end("PK");
    });
    const { account } = await connect(server);
    await jobArtifactsDownload(account, { project_id: 1, job_id: 2 });
    expect(server.arrived.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${token}`, undefined]);
  });

  test("a write is not sent on and does not become a GET", async () => {
    const server = await serve((_, response) => void response.writeHead(301, { location: "/api/v4/projects/7" }).end());
    const { account } = await connect(server);
    expect(await projectUpdate(account, { project_id: "g/old", name: "x" }).catch(code)).toBe("conflict");
    expect(server.arrived.map(({ method }) => method)).toEqual(["PUT"]);
  });
});

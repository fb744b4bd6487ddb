import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { updateSpec } from "../../codegen/update-spec.js";
import { api, inherited, json, manifest, problems, project, read, sound, widget, write } from "./project.js";

const files = { "spec/tools/widgets.yaml": manifest(), "spec/parameters.yaml": inherited };
const now = (): Date => new Date("2030-01-02T03:04:05Z");

async function update(document: unknown, root?: string, at = now) {
  const folder = root ?? (await project(files));
  await write(folder, { "upstream.yaml": document });
  const result = await updateSpec({ root: folder, from: join(folder, "upstream.yaml"), now: at });
  const { "spec/gitlab.openapi.yaml": text = "", "spec/spec.lock.yaml": lock = "" } = await read(folder);
  return { root: folder, result, text, lock, document: parse(text) as ReturnType<typeof api> };
}

/** A document of which the manifest needs the same, with much around it. */
function larger(): ReturnType<typeof api> {
  const { paths, components, ...rest } = api();
  const long = `/api/v4/${"very-long-segment/".repeat(12)}{id}`;
  const unrelated = {
    operationId: "getUnrelated",
    summary: "Something else",
    tags: ["Other"],
    parameters: [{ name: "x", in: "query", schema: { type: "string", pattern: "(?<!a)\\Ab\\z" } }],
    requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/AAA" } } } },
    responses: { 200: json({ $ref: "#/components/schemas/ZZZ" }) },
  };
  return {
    ...rest,
    tags: [{ name: "Other", description: "# Markdown\n\n| a | b |", "x-displayName": "Other" }],
    externalDocs: { url: "https://example.com" },
    paths: {
      [long]: { get: unrelated, head: { ...unrelated, operationId: "headUnrelated" } },
      "/api/v4/aaa": { post: { ...unrelated, operationId: "postAaa" } },
      ...paths,
    },
    components: {
      schemas: {
        ZZZ: { type: "object", properties: { next: { $ref: "#/components/schemas/ZZZ" } } },
        AAA: { type: "object", description: "prose ".repeat(20_000), properties: {} },
        ...(components as { schemas: object }).schemas,
      },
    },
  };
}

describe("what is kept", () => {
  test("the manifest's operations and all that they reference, in a stable order", async () => {
    const { document, result } = await update(api());
    expect(Object.keys(document.paths)).toEqual(["/api/v4/projects/{id}/widgets"]);
    expect(document["components"]).toHaveProperty("schemas");
    expect(Object.keys((document["components"] as { schemas: object }).schemas)).toEqual(["Owner", "Part", "Widget"]);
    expect(result.lock.operations).toBe(2);
  });

  test("a larger document with unrelated operations gives the same bytes", async () => {
    const small = await update(api());
    expect((await update(larger())).text).toBe(small.text);
    // A path of more than 128 characters is published as a complex key.
    const text = stringify(larger()).replace(/^ {2}(\/api\/v4\/very-long\S*):$/m, '  ? "$1"\n  :');
    expect(text).toContain('  ? "/api/v4/very-long');
    expect((await update(text)).text).toBe(small.text);
  });

  test("the order of paths, methods, schemas and keys does not matter", async () => {
    const reversed = (value: unknown, depth = 0): unknown =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .map(([key, member]): [string, unknown] => [
                key,
                key === "properties" ? member : reversed(member, depth + 1),
              ])
              .reverse(),
          )
        : value;
    expect((await update(reversed(api()))).text).toBe((await update(api())).text);
  });

  test("prose goes; a property that is called like prose stays", async () => {
    const document = structuredClone(api());
    const viewed = widget.properties;
    const prose = { description: "Long", summary: "Short", externalDocs: { url: "https://example.com" }, title: "T" };
    const get = document.paths["/api/v4/projects/{id}/widgets"]?.["get"] as Record<string, unknown>;
    Object.assign(get, prose, { tags: ["Widgets"], "x-gitlab-lifecycle": "beta", "x-displayName": "Widgets" });
    Object.assign((document["components"] as { schemas: { Widget: object } }).schemas.Widget, prose, {
      example: { id: 1 },
      properties: {
        ...viewed,
        description: { type: "string", description: "Long", example: "x" },
        example: { type: "string", example: ["y"] },
        title: { type: "object", title: "T", properties: { summary: { type: "boolean" } } },
        default: { type: "object", default: { description: "data" } },
      },
    });
    const kept = await update(document);
    expect(kept.text).not.toContain("Long");
    const shape = (kept.document["components"] as { schemas: { Widget: unknown } }).schemas.Widget;
    expect(shape).toEqual({
      type: "object",
      properties: {
        ...viewed,
        description: { type: "string" },
        example: { type: "string" },
        title: { type: "object", properties: { summary: { type: "boolean" } } },
        default: { type: "object", default: { description: "data" } },
      },
    });
    const operation = kept.document.paths["/api/v4/projects/{id}/widgets"]?.["get"];
    expect(operation).toMatchObject({ "x-gitlab-lifecycle": "beta" });
    expect(operation).not.toHaveProperty("x-displayName");
  });

  test("bodies of GET are nothing", async () => {
    const document = api();
    const get = document.paths["/api/v4/projects/{id}/widgets"]?.["get"] as Record<string, unknown>;
    get["requestBody"] = { content: { "application/json": { schema: { $ref: "#/components/schemas/Huge" } } } };
    (document["components"] as { schemas: Record<string, unknown> }).schemas["Huge"] = { type: "object" };
    expect((await update(document)).text).toBe((await update(api())).text);
  });

  test("referenced parameters, bodies and answers are kept", async () => {
    const document = api();
    const item = document.paths["/api/v4/projects/{id}/widgets"];
    Object.assign(document["components"] as object, {
      parameters: { Page: { name: "page", in: "query", description: "Long", schema: { type: "integer" } } },
      responses: {
        Gone: {
          description: "Gone",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Reason" } } },
        },
      },
    });
    Object.assign((document["components"] as { schemas: object }).schemas, { Reason: { type: "object" } });
    (item?.["get"] as { parameters: unknown[] }).parameters.push({ $ref: "#/components/parameters/Page" });
    Object.assign((item?.["get"] as { responses: object }).responses, { 410: { $ref: "#/components/responses/Gone" } });
    const { document: kept } = await update(document);
    expect(kept["components"]).toMatchObject({
      parameters: { Page: { name: "page", in: "query", schema: { type: "integer" } } },
      responses: { Gone: {} },
      schemas: { Reason: { type: "object" } },
    });
  });
});

describe("the lock", () => {
  test("says where from, without a path of this machine", async () => {
    const { root, lock } = await update(api());
    expect(parse(lock)).toEqual({
      sources: [{ name: "upstream.yaml", version: "1.2", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
      version: "1.2",
      operations: 2,
      date: "2030-01-02",
    });
    expect(lock).not.toContain(root);
  });

  test("records every document; of what two have, the first one's is taken", async () => {
    const root = await project(files);
    const [first, second] = [api(), api()];
    const path = "/api/v4/projects/{id}/widgets";
    const { post, ...others } = first.paths[path] ?? {};
    first.paths[path] = others;
    second.paths[path] = { get: { operationId: "getOther", responses: {} }, post };
    await write(root, { "first.yaml": first, "second.yaml": second });
    const from = ["first.yaml", "second.yaml"].map((name) => join(root, name));
    const { lock } = await updateSpec({ root, from, now });
    expect(lock).toMatchObject({ operations: 2, sources: [{ name: "first.yaml" }, { name: "second.yaml" }] });
    const kept = parse((await read(root))["spec/gitlab.openapi.yaml"] ?? "") as ReturnType<typeof api>;
    expect(kept.paths[path]).toMatchObject({
      get: { operationId: "getWidgets" },
      post: { operationId: "postWidgets" },
    });
  });

  test("the same input again changes no byte, not even the date", async () => {
    const first = await update(api());
    const second = await update(api(), first.root, () => new Date("2031-01-01"));
    expect(second.result.written).toEqual([]);
    expect(second.lock).toBe(first.lock);
  });
});

describe("taking another document", () => {
  const path = "/api/v4/projects/{id}/widgets";

  /** A project that has taken `api()` and is to take what becomes of it. */
  function taken(more: Record<string, unknown> = {}): Promise<string> {
    return project({ ...sound(), ...more });
  }

  test("shows what it changes for the tools, generates, and says so in the changelog", async () => {
    const changelog = `# Changelog\n\n## Unreleased\n\n### Added\n\n- Widgets.\n\n## 1.0.0\n\n### Changed\n\n- All.\n`;
    const root = await taken({ "CHANGELOG.md": changelog, "spec/selection.yaml": { include: ["/api/v4/*"] } });
    expect((await read(root))["CHANGELOG.md"]).toBe(changelog);
    const next = api();
    Object.assign(next["info"] as object, { version: "1.3" });
    next.paths["/api/v4/gadgets"] = { get: { operationId: "getGadget", responses: {} } };
    const shown: string[] = [];
    await write(root, { "next.yaml": next });
    const { written } = await updateSpec({
      root,
      from: join(root, "next.yaml"),
      onDiff: (diff) => shown.push(...diff.findings.map(({ tool, check }) => `${tool ?? ""} ${check}`)),
    });
    expect(shown).toEqual(["gitlab_gadgets_get tool-added"]);
    expect(written).toEqual(expect.arrayContaining(["generated/tools/gadgets.ts", "spec/gitlab.openapi.yaml"]));
    const after = await read(root);
    expect(after["generated/tool-names.ts"]).toContain("gitlab_gadgets_get");
    expect(after["CHANGELOG.md"]).toBe(
      changelog.replace(
        "## Unreleased\n",
        "## Unreleased\n\n### Changed\n\n- GitLab 1.2 → 1.3: 0 breaking, 0 to review, 1 safe.\n  - New: `gitlab_gadgets_get`.\n",
      ),
    );
  });

  test("refuses what breaks a tool until that is accepted, and writes nothing before", async () => {
    const root = await taken({ "CHANGELOG.md": "# Changelog\n\n## 1.0.0\n" });
    const next = api();
    (next.paths[path]?.["get"] as { parameters: { schema: object }[] }).parameters[1] = {
      name: "state",
      in: "query",
      schema: { type: "string", enum: ["open"] },
    } as { schema: object };
    await write(root, { "next.yaml": next });
    const before = await read(root);
    const from = join(root, "next.yaml");
    await expect(updateSpec({ root, from })).rejects.toMatchObject({
      name: "BreakingChangesError",
      message: "1 change breaks a tool; nothing was written",
      diff: { counts: { breaking: 1 } },
    });
    expect(await read(root)).toEqual(before);
    await updateSpec({ root, from, acceptBreaking: true });
    const after = await read(root);
    expect(after["generated/openapi.json"]).not.toContain("closed");
    expect(after["CHANGELOG.md"]).toContain(
      "  - **Breaking**: `gitlab_widgets_list`: parameter `state` takes closed no longer.",
    );
  });

  test("the manifest follows an operation whose operationId is another now", async () => {
    const root = await taken();
    const next = api();
    Object.assign(next.paths[path]?.["post"] ?? {}, { operationId: "postApiV4Widgets" });
    await write(root, { "next.yaml": next });
    await updateSpec({ root, from: join(root, "next.yaml") });
    const after = await read(root);
    expect(after["spec/tools/widgets.yaml"]).toBe(
      stringify(files["spec/tools/widgets.yaml"]).replace("postWidgets", "postApiV4Widgets"),
    );
    expect(after["generated/openapi.json"]).toContain("postApiV4Widgets");
  });

  test("an operation that is gone is told by its path, and not by what is spelled alike", async () => {
    const root = await taken();
    const next = api();
    const { post, ...others } = next.paths[path] ?? {};
    next.paths[path] = others;
    next.paths["/api/v4/projects/{id}/unwidgets"] = { post: { ...(post as object), operationId: "postUnwidgets" } };
    await write(root, { "next.yaml": next });
    expect(await problems(() => updateSpec({ root, from: join(root, "next.yaml"), acceptBreaking: true }))).toEqual([
      expect.stringMatching(
        /^spec\/tools\/widgets\.yaml:\d+:16 unknown operation "postWidgets": next\.yaml does not have POST \/api\/v4\/projects\/\{id\}\/widgets$/,
      ),
    ]);
  });

  test("corrections and manifest entries that no longer fit are named, and nothing is written", async () => {
    const root = await taken();
    const overlay = {
      overlay: "1.0.0",
      info: { title: "Corrections", version: "1" },
      actions: [{ target: "$.paths['/gone']", description: "A route that was wrong", remove: true }],
    };
    await write(root, { "spec/overlay.yaml": overlay, "upstream.yaml": api() });
    const before = await read(root);
    expect(await problems(() => update(api(), root))).toEqual([
      expect.stringMatching(
        /^spec\/overlay\.yaml:6:\d+ action 1 \(A route that was wrong\): target \$\.paths\['\/gone'\] matches nothing/,
      ),
    ]);
    expect(await read(root)).toEqual(before);
  });
});

describe("refused, with file, place and reason, and nothing on disk changes", () => {
  const dangling = api();
  Object.assign((dangling["components"] as { schemas: { Part: { properties: object } } }).schemas.Part.properties, {
    lost: { $ref: "#/components/schemas/Lost" },
  });
  const external = api();
  Object.assign((external["components"] as { schemas: { Part: { properties: object } } }).schemas.Part.properties, {
    far: { $ref: "other.yaml#/X" },
  });
  const withoutOperation = api();
  delete withoutOperation.paths["/api/v4/projects/{id}/widgets"]?.["post"];
  const withSharedId = api();
  withSharedId.paths["/api/v4/twins"] = { get: { operationId: "getWidgets", responses: {} } };
  const bomb = `openapi: 3.0.0\na: &a [1,1,1,1,1,1,1,1,1]\n${["b", "c", "d", "e", "f", "g"]
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdef"[index]}`).join(",")}]`)
    .join("\n")}\n`;

  test.each<[string, unknown, RegExp]>([
    ["not YAML", "openapi: 3.0.0\npaths:\n  a: 'b\n", /^upstream\.yaml:\d+:\d+ is not YAML: /],
    ["a key twice", "openapi: 3.0.0\ninfo: {}\ninfo: {}\n", /^upstream\.yaml:3:1 is not YAML: .*unique/],
    ["a text", "just text", /^upstream\.yaml:1:1 is not an OpenAPI document/],
    ["empty", "", /^upstream\.yaml:1:1 is not an OpenAPI document/],
    [
      "Swagger 2",
      "info: {}\nswagger: '2.0'\npaths: {}\n",
      /^upstream\.yaml:2:10 is Swagger 2\.0; an OpenAPI 3\.0 document is needed$/,
    ],
    [
      "OpenAPI 3.1",
      { ...api(), openapi: "3.1.0" },
      /^upstream\.yaml:1:10 is OpenAPI 3\.1\.0; a 3\.0 document is needed$/,
    ],
    ["no version", { info: {}, paths: {} }, /"openapi" is missing/],
    ["no paths", { openapi: "3.0.0", info: { title: "x", version: "1" } }, /^upstream\.yaml:1:1 has no paths$/],
    ["empty paths", "openapi: 3.0.0\ninfo: {}\npaths: {}\n", /^upstream\.yaml:3:1 has no paths$/],
    [
      "a reference to nowhere",
      dangling,
      /^upstream\.yaml:\d+:17 #\/components\/schemas\/Part\/properties\/lost \$ref "#\/components\/schemas\/Lost" points to nothing$/,
    ],
    ["a reference to elsewhere", external, /\$ref "other\.yaml#\/X" points out of the document/],
    [
      "an operation that the manifest names",
      withoutOperation,
      /^spec\/tools\/widgets\.yaml:\d+:16 unknown operation "postWidgets": upstream\.yaml does not have POST \/api\/v4\/projects\/\{id\}\/widgets$/,
    ],
    [
      "a web page",
      `<!DOCTYPE html>\n<html>\n${"<p>: a: b</p>\n".repeat(600)}`,
      /^upstream\.yaml:1:1 is an HTML page and not an OpenAPI document; use the raw file's URL$/,
    ],
    [
      "prose",
      "Dear reader: this: is\n  - no: yaml: at all\n".repeat(300),
      /^upstream\.yaml:1:\d+ is not YAML: .* \(and \d+ more\)$/,
    ],
    [
      "two operations of one id",
      withSharedId,
      /^upstream\.yaml:\d+:\d+ is the operationId of another operation as well$/,
    ],
    ["a bomb of aliases", bomb, /^upstream\.yaml:1:1 is not usable YAML: /],
  ])("%s", async (_, document, message) => {
    const root = await project({ ...sound(), "upstream.yaml": document });
    const before = await read(root);
    const lines = await problems(() => updateSpec({ root, from: join(root, "upstream.yaml") }));
    expect(lines).toEqual([expect.stringMatching(message)]);
    expect(await read(root)).toEqual(before);
  });

  test("no such file; not UTF-8", async () => {
    const root = await project(files);
    expect(await problems(() => updateSpec({ root, from: join(root, "missing.yaml") }))).toEqual([
      expect.stringMatching(/^.*missing\.yaml cannot be read: ENOENT/),
    ]);
    await writeFile(join(root, "bytes.yaml"), Buffer.from([0x6f, 0xff, 0xfe, 0x00]));
    expect(await problems(() => updateSpec({ root, from: join(root, "bytes.yaml") }))).toEqual([
      "bytes.yaml is not text in UTF-8",
    ]);
  });
});

describe("from a URL", () => {
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(
      () =>
        new Promise<void>((resolve) => {
          server.closeAllConnections();
          server.close(() => resolve());
        }),
    );
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  }

  test("is downloaded; the lock keeps the URL without credentials and query", async () => {
    const base = await serve((_, response) => response.end(stringify(api())));
    const root = await project(files);
    const { lock } = await updateSpec({ root, from: `${base}/openapi_v3.yaml?private_token=secret`, now });
    expect(lock.sources.map(({ name }) => name)).toEqual([`${base}/openapi_v3.yaml`]);
  });

  test("a download says how far it is", async () => {
    const text = stringify(api()) + `# ${"x".repeat(1_200_000)}\n`;
    const base = await serve((_, response) => {
      response.writeHead(200, { "content-length": text.length }).end(text);
    });
    const told: string[] = [];
    await updateSpec({
      root: await project(files),
      from: `${base}/openapi.yaml`,
      onProgress: (step) => told.push(step),
      now,
    });
    expect(told).toEqual(expect.arrayContaining([expect.stringMatching(/^Downloaded \d\.\d MB of 1\.1 MB$/)]));
  });

  test("a server that is busy is asked again", async () => {
    const answers = [503, 429, 200];
    const base = await serve((_, response) => {
      const status = answers.shift() ?? 500;
      response.writeHead(status, { "retry-after": "0" }).end(status === 200 ? stringify(api()) : "");
    });
    await updateSpec({ root: await project(files), from: `${base}/openapi.yaml`, now });
    expect(answers).toEqual([]);
  });

  test.each<[string, RequestListener]>([
    ["before it answers", () => {}],
    ["amid its answer", (_, response) => void response.writeHead(200).write("openapi: 3.0.0\n")],
  ])("a server that stops %s is given up", async (_, listener) => {
    const from = `${await serve(listener)}/openapi.yaml`;
    const root = await project(files);
    expect(await problems(() => updateSpec({ root, from, idleTimeout: 100 }))).toEqual([
      expect.stringMatching(/ cannot be downloaded: nothing came for 0\.1 s$/),
    ]);
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      "an error status",
      (_, response) => response.writeHead(404).end(),
      / cannot be downloaded: the server answered 404; is there such a release\?$/,
    ],
    [
      "a web page",
      (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      / is an HTML page/,
    ],
    ["no answer", (request) => request.socket.destroy(), / cannot be downloaded: /],
  ])("%s is refused", async (_, listener, message) => {
    const from = `${await serve(listener)}/openapi.yaml`;
    const root = await project(files);
    expect(await problems(() => updateSpec({ root, from }))).toEqual([expect.stringMatching(message)]);
    expect(Object.keys(await read(root))).toEqual(Object.keys(files).sort());
  });
});

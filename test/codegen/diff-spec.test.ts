import { join } from "node:path";
import { expect, test } from "vitest";
import { diffSpec } from "../../codegen/diff-spec.js";
import { markdownReport, textReport } from "../../codegen/diff/report.js";
import { api, inherited, json, listTool, manifest, problems, project, read, sound } from "./project.js";

type Api = ReturnType<typeof api>;
interface Named {
  name: string;
  in: string;
  schema: Record<string, unknown>;
}

const path = "/api/v4/projects/{id}/widgets";

/** A project that has taken `api()`, and what a change of that document is for its tools. */
async function diffOf(change: (next: Api) => void, files = sound()) {
  const next = api();
  change(next);
  const root = await project({ ...files, "upstream.yaml": next });
  const from = join(root, "upstream.yaml");
  const before = await read(root);
  const diff = await diffSpec({ root, from });
  expect(await read(root)).toEqual(before);
  return { diff, before };
}

/** A finding a line, with the line of the manifest that it points to. */
async function linesOf(change: (next: Api) => void, files = sound()): Promise<string[]> {
  const { diff, before } = await diffOf(change, files);
  return diff.findings.map(({ severity, tool, what, subject, change: how, place }) => {
    const about = subject === undefined ? what : `${what} ${subject}`;
    const line = place?.line === undefined ? undefined : before[place.file]?.split("\n")[place.line - 1]?.trim();
    return `${severity} ${tool ?? "none"} ${about}: ${how}${severity === "safe" || line === undefined ? "" : ` | ${line}`}`;
  });
}

const operation = (next: Api, method: string): Record<string, unknown> & { parameters: Named[] } =>
  next.paths[path]?.[method] as Record<string, unknown> & { parameters: Named[] };
const schemas = (next: Api): Record<string, { properties: Record<string, unknown> } & Record<string, unknown>> =>
  (next["components"] as { schemas: Record<string, { properties: Record<string, unknown> }> }).schemas;
const body = (next: Api): Record<string, unknown> & { properties: Record<string, unknown> } =>
  (
    operation(next, "post")["requestBody"] as {
      content: Record<string, { schema: { properties: Record<string, unknown> } }>;
    }
  ).content["application/json"]?.schema ?? { properties: {} };

test("the same document makes no difference", async () => {
  expect((await diffOf(() => {})).diff).toEqual({
    before: "1.2",
    after: "1.2",
    findings: [],
    counts: { breaking: 0, review: 0, safe: 0 },
  });
});

test("what a schema or an operation is called, formats and prose are no difference", async () => {
  const lines = await linesOf((next) => {
    const { Widget, ...others } = schemas(next);
    next["components"] = { schemas: { ...others, API_Entities_Widget: Widget } };
    operation(next, "get")["responses"] = {
      200: json({ type: "array", items: { $ref: "#/components/schemas/API_Entities_Widget" } }),
    };
    operation(next, "post")["responses"] = { 201: json({ $ref: "#/components/schemas/API_Entities_Widget" }) };
    Object.assign(operation(next, "get"), { summary: "Other", description: "Words", tags: ["x"] });
    Object.assign(Widget?.properties["id"] ?? {}, { format: "int32", description: "Number", example: 3 });
    Object.assign(operation(next, "get").parameters[2]?.schema ?? {}, { format: "int64" });
  });
  expect(lines).toEqual([]);
});

test("an operation is its method and path: another operationId is no removal", async () => {
  const lines = await linesOf((next) => {
    operation(next, "get")["operationId"] = "getApiV4Widgets";
  });
  expect(lines).toEqual(["safe gitlab_widgets_list operation: its operationId is getApiV4Widgets now"]);
});

test("another placeholder in the path is no move", async () => {
  const also = { path: "/api/v4/projects/{project}", from: "project", to: "project_id", ref: "project" };
  const change = (next: Api): void => {
    const item = next.paths[path] ?? {};
    const project = { name: "project", in: "path", required: true, schema: { type: "string" } };
    for (const method of ["get", "post"]) operation(next, method).parameters[0] = project;
    delete next.paths[path];
    next.paths["/api/v4/projects/{project}/widgets"] = item;
  };
  const files = { ...sound(), "spec/parameters.yaml": { rename: [...inherited.rename, also] } };
  expect(await linesOf(change, files)).toEqual([
    "review gitlab_widget_create parameter project_id: is sent as project, was id | - project_id",
    "review gitlab_widgets_list parameter project_id: is sent as project, was id | - project_id",
  ]);
});

test("an operation under the same name at another path has moved", async () => {
  const lines = await linesOf((next) => {
    const { post, ...others } = next.paths[path] ?? {};
    next.paths[path] = others;
    next.paths["/api/v4/projects/{id}/-/widgets"] = { post };
  });
  expect(lines).toEqual([
    "review gitlab_widget_create operation: is POST /api/v4/projects/{id}/-/widgets now | operation: postWidgets",
  ]);
});

test("an operation that is gone breaks its tool; one that is not selected is nobody's affair", async () => {
  const lines = await linesOf((next) => {
    delete next.paths[path]?.["post"];
    next.paths["/api/v4/unrelated"] = { get: { operationId: "getUnrelated", responses: {} } };
  });
  expect(lines).toEqual(["breaking gitlab_widget_create operation: gone | operation: postWidgets"]);
});

test("an operation that the selection takes in is a new tool", async () => {
  const lines = await linesOf(
    (next) => {
      next.paths["/api/v4/gadgets"] = { get: { operationId: "getGadget", responses: {} } };
    },
    { ...sound(), "spec/selection.yaml": { include: ["/api/v4/*"] } },
  );
  expect(lines).toEqual(["safe gitlab_gadgets_get tool: new"]);
});

test("what is to mend stands with its own tool, also where that is made of several calls", async () => {
  const swap = {
    title: "Swap",
    description: "Swaps.",
    access: "write",
    steps: ["gitlab_gadgets_get"],
    input: { project_id: { required: true } },
  };
  const files = {
    ...sound(),
    "spec/tools/widgets.yaml": { ...(manifest() as object), workflows: { gitlab_widget_swap: swap } },
    "spec/selection.yaml": { include: ["/api/v4/*"] },
  };
  const { diff } = await diffOf(() => {}, files);
  expect(diff.findings).toMatchObject(
    [
      { severity: "review", tool: "gitlab_widget_swap", what: "to mend", change: /unknown tool "gitlab_gadgets_get"/ },
    ].map((finding) => ({ ...finding, change: expect.stringMatching(finding.change) as string })),
  );
});

test("what callers give and GitLab takes no longer is breaking", async () => {
  const lines = await linesOf((next) => {
    const list = operation(next, "get");
    list.parameters.splice(2, 1);
    Object.assign(list.parameters[1]?.schema ?? {}, { enum: ["open", "merged"] });
    body(next)["required"] = ["name", "labels"];
    body(next).properties["name"] = { type: "integer" };
  });
  expect(lines).toEqual([
    "breaking gitlab_widget_create parameter name: an integer, was a text | - name",
    "breaking gitlab_widget_create parameter labels: required now | gitlab_widget_create:",
    "breaking gitlab_widgets_list parameter state: takes closed no longer | - state",
    "breaking gitlab_widgets_list parameter page: gone | - page",
    'review gitlab_widget_create to mend: "labels" is required, and has to be curated | curated:',
    "safe gitlab_widgets_list parameter state: takes merged too",
  ]);
});

test("tighter bounds are breaking, wider ones safe, another default is for a person to see", async () => {
  const lines = await linesOf((next) => {
    const [, state, page] = operation(next, "get").parameters;
    Object.assign(state?.schema ?? {}, { default: "closed" });
    Object.assign(page?.schema ?? {}, { minimum: 1 });
    Object.assign(body(next).properties["name"] ?? {}, { maxLength: 255, pattern: "^[a-z]+$" });
  });
  expect(lines).toEqual([
    "breaking gitlab_widget_create parameter name: maxLength 255, was none | - name",
    "breaking gitlab_widgets_list parameter page: minimum 1, was none | - page",
    "review gitlab_widget_create parameter name: has to fit ^[a-z]+$ | - name",
    'review gitlab_widgets_list parameter state: default "closed", was "open" | - state',
  ]);
});

test("more than before is safe: parameters, types, fields", async () => {
  const lines = await linesOf((next) => {
    operation(next, "get").parameters.push({ name: "cursor", in: "query", schema: { type: "string" } });
    Object.assign(operation(next, "get").parameters[2]?.schema ?? {}, { type: "number" });
    Object.assign(schemas(next)["Part"]?.properties ?? {}, { size: { type: "integer" } });
    delete body(next)["required"];
  });
  expect(lines).toEqual([
    "safe gitlab_widget_create parameter name: optional now",
    "safe gitlab_widget_create answer field parts[].size: new",
    "safe gitlab_widgets_list parameter page: a number, was an integer",
    "safe gitlab_widgets_list parameter cursor: new",
    "safe gitlab_widgets_list answer field parts[].size: new",
  ]);
});

test("a field that the view shows is missed, another one has to be looked at", async () => {
  const lines = await linesOf(
    (next) => {
      const { title: _title, ...part } = schemas(next)["Part"]?.properties ?? {};
      const { id: _id, ...rest } = schemas(next)["Widget"]?.properties ?? {};
      schemas(next)["Part"] = { type: "object", properties: part };
      schemas(next)["Widget"] = { type: "object", properties: { ...rest, name: { type: "integer" } } };
    },
    {
      ...sound(),
      "spec/tools/widgets.yaml": manifest({ gitlab_widgets_list: { ...listTool, view: ["name", "parts[].title"] } }),
    },
  );
  expect(lines).toEqual([
    "breaking gitlab_widgets_list answer field name: integer, was string | - name",
    "breaking gitlab_widgets_list answer field parts[].title: gone, and the view shows it | - parts[].title",
    "review gitlab_widgets_list answer field id: gone | gitlab_widgets_list:",
  ]);
});

test("a list that becomes one thing, and a body that becomes another kind, are breaking", async () => {
  const lines = await linesOf((next) => {
    operation(next, "get")["responses"] = { 200: json({ $ref: "#/components/schemas/Widget" }) };
    operation(next, "post")["responses"] = {
      201: { description: "OK", content: { "text/plain": { schema: { type: "string" } } } },
    };
  });
  expect(lines).toEqual([
    "breaking gitlab_widget_create answer: text, was json | gitlab_widget_create:",
    "breaking gitlab_widgets_list answer: one thing, was a list in pages | gitlab_widgets_list:",
  ]);
});

test("deprecation, lifecycle and plan are for a person to see", async () => {
  const lines = await linesOf((next) => {
    Object.assign(operation(next, "get"), {
      deprecated: true,
      "x-gitlab-lifecycle": "beta",
      "x-gitlab-tier": "ultimate",
    });
  });
  expect(lines).toEqual([
    "review gitlab_widgets_list operation: deprecated now | operation: getWidgets",
    "review gitlab_widgets_list operation: beta | operation: getWidgets",
    "review gitlab_widgets_list tier: ultimate, was every plan | gitlab_widgets_list:",
  ]);
});

test("a correction that the new document has made needless is named with its line", async () => {
  const overlay = {
    overlay: "1.0.0",
    info: { title: "Corrections", version: "1" },
    actions: [
      {
        target: "$.components.schemas.Part.properties",
        description: "Parts have sizes",
        update: { size: { type: "integer" } },
      },
    ],
  };
  const lines = await linesOf(
    (next) => {
      Object.assign(schemas(next)["Part"]?.properties ?? {}, { size: { type: "integer" } });
    },
    { ...sound(), "spec/overlay.yaml": overlay },
  );
  expect(lines).toEqual([
    expect.stringMatching(/^review none to mend: action 1 \(Parts have sizes\): changes nothing: .* \| - target: /),
  ]);
});

test("is told by tool, the worst first, with the line to go to; tools with the same differences together", async () => {
  const { diff } = await diffOf((next) => {
    operation(next, "get").parameters.splice(2, 1);
    Object.assign(schemas(next)["Part"]?.properties ?? {}, { size: { type: "integer" }, colour: { type: "string" } });
    operation(next, "post")["parameters"] = operation(next, "post").parameters;
  });
  expect(
    textReport(diff)
      .replace(/yaml:\d+:\d+/, "yaml:L:C")
      .split("\n"),
  ).toEqual([
    "GitLab 1.2: 1 breaking, 0 to review, 4 safe",
    "",
    "gitlab_widgets_list  GET /api/v4/projects/{id}/widgets",
    "  breaking  parameter page: gone  (spec/tools/widgets.yaml:L:C)",
    "  safe      answer field parts[].size, parts[].colour: new",
    "",
    "gitlab_widget_create  POST /api/v4/projects/{id}/widgets",
    "  safe      answer field parts[].size, parts[].colour: new",
  ]);
  expect(
    markdownReport(diff)
      .replace(/yaml:\d+:\d+/, "yaml:L:C")
      .split("\n"),
  ).toEqual([
    "## GitLab 1.2: 1 breaking, 0 to review, 4 safe",
    "",
    "### Breaking",
    "",
    "- `gitlab_widgets_list`",
    "  - `parameter page: gone` (`spec/tools/widgets.yaml:L:C`)",
    "",
    "<details><summary>Safe</summary>",
    "",
    "- `gitlab_widget_create`, `gitlab_widgets_list`",
    "  - `answer field parts[].size, parts[].colour: new`",
    "",
    "</details>",
  ]);
});

test("what a document says reaches terminals and Markdown as plain text on one line", async () => {
  const { diff } = await diffOf((next) => {
    const name = "x`\n/close\u001b[2J @all <b>";
    Object.assign(schemas(next)["Part"]?.properties ?? {}, { [name]: { type: "string" } });
  });
  expect(textReport(diff)).not.toContain("\u001b");
  expect(markdownReport(diff)).toContain("  - `answer field parts[].x' /close [2J @all <b>: new`");
});

test("a document that cannot be read is refused", async () => {
  const root = await project({ ...sound(), "upstream.yaml": "swagger: '2.0'" });
  expect(await problems(() => diffSpec({ root, from: join(root, "upstream.yaml") }))).toEqual([
    "upstream.yaml:1:10 is Swagger 2.0; an OpenAPI 3.0 document is needed",
  ]);
});

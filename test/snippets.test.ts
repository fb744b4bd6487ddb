import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "./support/typescript.js";
import { optionalSettings } from "./support/optional-settings.js";
import { examples, guideSnippets, readmeSnippets, userProject } from "./support/snippets.js";

const run = promisify(execFile);

let folder = "";

beforeAll(async () => {
  folder = await userProject();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What snippets take for granted is there: a client of the emulator's instance, in place of one of gitlab.com. */
const atHand = (code: string): string =>
  code.replace(/^const gitlab = createGitLab\(\{ store: "memory:", connections: \{ gitlab: \{\} \} \}\);$/m, "");

/** Runs programs one after the other in one process, each with what it prints. */
const runner = `
import { createGitLab } from "gitlab-agent-tools";
import { createGitLabEmulator } from "gitlab-agent-tools/testing";
import { createWebhookReceiver } from "gitlab-agent-tools/webhooks";
const emulator = await createGitLabEmulator();
const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl: emulator.baseUrl } } });
const token = emulator.tokens.create({ username: "ada", scopes: ["api"] });
await gitlab.connectWithToken({ identifier: "user_ada", token });
const account = gitlab.as("user_ada");
const { data: group } = await account.request({ method: "POST", path: "/groups", body: { name: "group", path: "group" } });
await account.request({ method: "POST", path: "/projects", body: { path: "project", namespace_id: group.id } });
const pipeline = emulator.state.planning.pipelines.find(({ jobs }) => jobs.some(({ name }) => name === "unit tests"));
const receiver = createWebhookReceiver({ secrets: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" });
const app = { post() {} };
Object.assign(process.env, { GITLAB_URL: emulator.baseUrl, GITLAB_TOKEN: token });
Object.assign(globalThis, { emulator, gitlab, account, pipeline, receiver, app });
const outputs = {};
for (const file of process.argv.slice(2)) {
  const lines = [];
  console.log = console.error = console.warn = (...said) => lines.push(said.map(String).join(" "));
  try { await import("./" + file); } catch (error) { lines.push(String(error)); }
  outputs[file] = lines.join("\\n");
}
await emulator.close();
process.stdout.write(JSON.stringify(outputs));
process.exit(0);
`;

test("every snippet compiles under the strictest options, and those that need nothing from outside run", async () => {
  const snippets = [
    ...(await readmeSnippets()),
    ...(await guideSnippets()),
    ...(await examples()),
    { name: "settings", code: optionalSettings },
  ];
  expect(snippets.length).toBeGreaterThan(25);
  const files = snippets.map((snippet, n) => ({ ...snippet, file: `${n}-${snippet.name.replace(/\W+/g, "-")}` }));
  for (const { file, code } of files) await writeFile(join(folder, `${file}.ts`), `${code}\nexport {};\n`);
  const compilerOptions = {
    ...{ target: "ES2023", module: "NodeNext", types: ["node"], noEmit: true, skipLibCheck: true },
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  expect(await compile(["-p", folder])).toBe("");

  const programs = files.filter(({ needs }) => needs === undefined);
  for (const { file, code } of programs) {
    await writeFile(join(folder, `${file}.js`), (await transform(atHand(code), { loader: "ts", format: "esm" })).code);
  }
  await writeFile(join(folder, "runner.js"), runner);
  const args = ["runner.js", ...programs.map(({ file }) => `${file}.js`)];
  const { stdout } = await run(process.execPath, args, { cwd: folder, timeout: 60_000 });
  const outputs = JSON.parse(stdout) as Record<string, string>;
  const of = (heading: string): string =>
    programs
      .filter(({ name }) => name.endsWith(heading))
      .map(({ file }) => outputs[`${file}.js`])
      .join("\n");
  for (const [file, output] of Object.entries(outputs)) expect(output, file).not.toMatch(/Error:/);
  expect(of("settings")).toBe("9");
  expect(of("A loop of your own, and any other framework")).toContain("Deployment to staging fails");
  expect(of("First call")).toBe("ada");
  expect(of("Typed functions")).toContain("POST");
  expect(of("What an agent pays")).toContain("items of");
  expect(of("When something goes wrong")).toMatch(/project_not_found|not_found|wrong_iid/);
}, 120_000);

test("the guides' snippets in JavaScript, whose packages only test/frameworks has, parse", async () => {
  let parsed = 0;
  for (const name of (await readdir("docs")).filter((file) => file.endsWith(".md"))) {
    const text = await readFile(join("docs", name), "utf8");
    for (const [, code = ""] of text.matchAll(/^```js\n([\s\S]*?)^```$/gm)) {
      await expect(transform(code, { loader: "js", format: "esm" }), `${name}: ${code}`).resolves.toBeDefined();
      parsed++;
    }
  }
  expect(parsed).toBeGreaterThan(3);
});

test("the scripts that the documents name exist", async () => {
  const manifest = JSON.parse(await readFile("package.json", "utf8")) as { scripts: Record<string, string> };
  for (const file of ["README.md", "CONTRIBUTING.md", ...(await readdir("docs")).map((name) => join("docs", name))]) {
    for (const [, script] of (await readFile(file, "utf8")).matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(manifest.scripts), file).toContain(script);
  }
});

test("every link of the README leads somewhere from the package's page, too: to a file that is packed", async () => {
  const { files } = JSON.parse(await readFile("package.json", "utf8")) as { files: string[] };
  // npm packs these whatever the manifest says: https://docs.npmjs.com/cli/configuring-npm/package-json#files
  const packed = [...files, "README.md", "LICENSE", "package.json"];
  for (const [, link = ""] of (await readFile("README.md", "utf8")).matchAll(/\]\((?!http|#)([^)#]+)[^)]*\)/g)) {
    await expect(readFile(link), link).resolves.toBeDefined();
    expect(
      packed.some((name) => link === name || link.startsWith(`${name}/`)),
      link,
    ).toBe(true);
  }
});

import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { cli } from "../support/cli.js";
import { commandLine } from "../support/command-line.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import { Browser, callTool, exchangeForm, freePort, locationOf, requestOn, tokens } from "../support/sign-in.js";
import { customTags, readCompose, readEnv } from "./compose.js";
import { readDockerfile } from "./dockerfile.js";

const files = [
  "deploy/compose.yaml",
  "deploy/compose.try.yaml",
  "deploy/compose.gateway.yaml",
  "deploy/compose.replicas.yaml",
] as const;

/** Debian's package, where it is installed. */
const haproxy = ["haproxy", "/usr/sbin/haproxy"].find((place) => spawnSync(place, ["-v"]).status === 0);

describe("the compose files", () => {
  test("are such by the schema of the Compose Specification", async () => {
    const { $schema: _, ...schema } = JSON.parse(
      await readFile("test/fixtures/schemas/compose-spec.json", "utf8"),
    ) as Record<string, unknown>;
    const ajv = new Ajv({ strict: false });
    formats.default(ajv);
    const validate = ajv.compile(schema);
    for (const file of files)
      expect(validate(parse(await readFile(file, "utf8"), { customTags })), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ services: { server: { imagine: "x" } } })).toBe(false);
  });

  test("name no secret of their own: what protects people has to be given", async () => {
    const given = await readEnv("deploy/try.env");
    for (const name of ["PUBLIC_URL", "GITLAB_CLIENT_ID", "GITLAB_CLIENT_SECRET", "GITLAB_AGENT_TOOLS_KEY"])
      await expect(readCompose(files[0], { ...given, [name]: "" })).rejects.toThrow(name);
    await expect(readCompose(files[0], { ...given, POSTGRES_PASSWORD: "" })).rejects.toThrow("POSTGRES_PASSWORD");
    const { services } = await readCompose(files[0], given);
    // Only this machine's proxy reaches the server; nobody reaches the database.
    expect(services["server"]?.ports).toEqual(["127.0.0.1:8080:8080"]);
    expect(services["database"]?.ports).toBeUndefined();
  });
});

test("the gateway's compose file starts it beside the server, on its store, for this machine's proxy", async () => {
  const where = { GATEWAY_URL: "https://gateway.example", REDIRECT_URI: "https://app.example/connect/{connection}" };
  const given = { ...(await readEnv("deploy/try.env")), ...where };
  for (const name of [...Object.keys(where), "GITLAB_AGENT_TOOLS_KEY", "POSTGRES_PASSWORD"])
    await expect(readCompose(files[2], { ...given, [name]: "" })).rejects.toThrow(name);
  const [{ services }, server] = [await readCompose(files[2], given), await readCompose(files[0], given)];
  const { command = [], environment, ports } = services["gateway"] ?? {};
  expect(ports).toEqual(["127.0.0.1:8081:8080"]);
  expect(environment).toEqual(server.services["server"]?.environment);
  // The command line takes every option that it is given.
  const { code, stdout } = await cli([...command, "--openapi"]);
  expect([code, stdout]).toEqual([0, expect.stringContaining('"openapi": "3.1')]);
});

describe("the replicas' compose file", () => {
  const config = (): Promise<string> => readFile("deploy/haproxy.cfg", "utf8");

  test("puts a proxy where the services were reached, which knows as many of each as there are", async () => {
    const given = { ...(await readEnv("deploy/try.env")), GATEWAY_URL: "x", REDIRECT_URI: "x" };
    const [server, gateway, replicas] = await Promise.all(
      [files[0], files[2], files[3]].map((file) => readCompose(file, given)),
    );
    expect(replicas?.services["proxy"]?.ports).toEqual([
      ...(server?.services["server"]?.ports ?? []),
      "127.0.0.1:8081:8081",
    ]);
    expect(gateway?.services["gateway"]?.ports).toEqual(["127.0.0.1:8081:8080"]);
    for (const name of ["server", "gateway"]) {
      expect(replicas?.services[name]).toEqual({ deploy: { replicas: 2 }, ports: [] });
      expect(await config()).toContain(`server-template ${name} 2 ${name}:8080`);
    }
    // What was sent may have been carried out: it is never sent again.
    expect((await config()).match(/^ *retry-on .*/gm)?.map((line) => line.trim())).toEqual(["retry-on conn-failure"]);
  });

  test.skipIf(haproxy === undefined)("has a configuration that the proxy takes", () => {
    const { status, stderr } = spawnSync(haproxy ?? "", ["-c", "-f", "deploy/haproxy.cfg"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, expect.not.stringMatching(/ALERT|WARNING/)]);
  });
});

describe("the Dockerfile", () => {
  test("copies what there is, and starts what the package has as its command", async () => {
    const { copied, entrypoint } = await readDockerfile("deploy/Dockerfile");
    for (const path of copied) expect(existsSync(path), path).toBe(true);
    const { bin } = JSON.parse(await readFile("package.json", "utf8")) as { bin: Record<string, string> };
    const command = Object.values(bin)[0]?.replace("./", "") ?? "";
    expect(entrypoint).toEqual(["node", `/app/node_modules/gitlab-agent-tools/${command}`]);
  });
});

describe("what compose starts", () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  /** A service's process as compose runs it, at ports that are free here. */
  function start(command: readonly string[], env: Readonly<Record<string, string>>): () => string {
    let heard = "";
    const child = spawn(process.execPath, [...commandLine, ...command], {
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    onTestFinished(() => void child.kill("SIGKILL"));
    return () => heard;
  }

  test("the trial lets a person sign in with the emulated GitLab, on PostgreSQL", async () => {
    const [server, gitlab, metrics] = [await freePort(), await freePort(), await freePort()].map(String) as [
      string,
      string,
      string,
    ];
    const here = (text: string): string =>
      text.replace("8080", server).replace("8000", gitlab).replace("9464", metrics);
    const env = Object.fromEntries(
      Object.entries(await readEnv("deploy/try.env")).map(([name, value]) => [name, here(value)]),
    );
    const [{ services }, trial] = [await readCompose(files[0], env), await readCompose(files[1], env)];
    const { command = [], environment = {} } = services["server"] ?? {};
    expect(environment["GITLAB_AGENT_TOOLS_STORE"]).toBe("postgres://agents:to-try@database:5432/agents");
    const store = { GITLAB_AGENT_TOOLS_STORE: await postgres.createDatabase() };
    start((trial.services["gitlab"]?.command ?? []).map(here), {});
    const said = start([...command.map(here), `--port=${server}`], { ...environment, ...store });

    const { healthcheck } = await readDockerfile("deploy/Dockerfile");
    const [node = "", ...args] = healthcheck.map(here);
    const healthy = (): Promise<boolean> =>
      promisify(execFile)(node, args).then(
        () => true,
        () => false,
      );
    await expect.poll(healthy, { timeout: 60_000, interval: 250 }).toBe(true);
    const page = `http://127.0.0.1:${gitlab}/oauth/authorize`;
    await expect
      .poll(
        () =>
          fetch(page).then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true);

    const origin = `http://127.0.0.1:${server}`;
    const redirect = "http://127.0.0.1:3000/callback";
    const registered = await fetch(`${origin}/register`, {
      method: "POST",
      body: JSON.stringify({ redirect_uris: [redirect], client_name: "Trial" }),
    });
    const { client_id } = (await registered.json()) as { client_id: string };
    const browser = new Browser();
    const query = new URLSearchParams({
      ...{ response_type: "code", client_id, redirect_uri: redirect, code_challenge_method: "S256" },
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    });
    const request = await requestOn(await browser.get(`${origin}/authorize?${query.toString()}`));
    const form = { request, connection: "gitlab", decision: "allow" };
    const toGitLab = locationOf(await browser.post(`${origin}/authorize`, form));
    expect(toGitLab.origin).toBe(`http://127.0.0.1:${gitlab}`);
    expect(await (await browser.get(toGitLab)).text()).toContain("(ada)");
    toGitLab.searchParams.set("username", "ada");
    const back = locationOf(await browser.get(locationOf(await browser.get(toGitLab))));
    // The verifier of RFC 7636, appendix B.
    const exchange = exchangeForm(back.searchParams.get("code") ?? "", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    const { body } = await tokens({ origin }, { ...exchange, client_id });
    const answer = await callTool(`${origin}/mcp`, body.access_token, "gitlab_current_user_get");
    expect(await answer.text()).toContain("ada");
    expect((await fetch(`http://127.0.0.1:${metrics}/metrics`)).status).toBe(200);
    for (const secret of [env["GITLAB_CLIENT_SECRET"], env["GITLAB_AGENT_TOOLS_KEY"], "password", body.access_token])
      expect(said()).not.toContain(secret);
  }, 120_000);
});

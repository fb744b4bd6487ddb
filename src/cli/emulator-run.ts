import { isObject } from "../is-object.js";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { createGitLabEmulator, type EmulatorSeed, type GitLabEmulator } from "../testing/index.js";
import { UsageError } from "./output.js";

/** What the command line said. */
export interface EmulatorFlags {
  readonly port?: number;
  readonly host?: string;
  readonly seed?: string;
  readonly plan: "free" | "premium" | "ultimate";
  readonly version?: string;
  readonly instance: string;
  readonly redirectUri: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly json?: boolean;
}

/** Starts the emulator, says what is needed to use it, and runs until it is interrupted. */
export async function runEmulator(flags: EmulatorFlags, until: Promise<unknown> = interrupted()): Promise<void> {
  const { instance, version } = flags;
  if (instance !== "gitlab.com" && instance !== "self-managed") {
    throw new UsageError("--instance is gitlab.com or self-managed.");
  }
  const seed = flags.seed === undefined ? true : await readSeed(flags.seed);
  const { port, host, plan } = flags;
  const emulator = await createGitLabEmulator({ port, host, plan, instance, version, seed }).catch((error: unknown) => {
    // What its file says is for whoever wrote it; a port that is taken says so by itself.
    const written = seed !== true && error instanceof Error && !("code" in error);
    throw written ? new UsageError(`The seed ${flags.seed ?? ""}: ${error.message}`) : error;
  });
  try {
    const facts = describe(emulator, flags);
    process.stdout.write(flags.json === true ? `${JSON.stringify(facts)}\n` : inWords(facts));
    await until;
  } finally {
    await emulator.close();
  }
}

async function readSeed(file: string): Promise<EmulatorSeed> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new UsageError(`The seed ${file} cannot be read.`);
  });
  let seed: unknown;
  try {
    seed = parse(text);
  } catch (error) {
    throw new UsageError(
      `The seed ${file} is no YAML: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : ""}`,
    );
  }
  if (!isObject(seed)) {
    throw new UsageError(`The seed ${file} is no map of users, groups and projects.`);
  }
  return seed;
}

interface EmulatorFacts {
  readonly baseUrl: string;
  readonly users: readonly { readonly username: string; readonly admin: boolean; readonly token: string }[];
  readonly application: { readonly clientId: string; readonly clientSecret: string; readonly redirectUri: string };
}

function describe(emulator: GitLabEmulator, { redirectUri, clientId, clientSecret }: EmulatorFlags): EmulatorFacts {
  const users = [...emulator.state.users.values()].map(({ username, admin }) => ({
    username,
    admin,
    token: emulator.tokens.create({ username, scopes: ["api"] }),
  }));
  const application = emulator.oauth.createApplication({
    redirectUri,
    scopes: ["api", "read_api"],
    clientId,
    clientSecret,
  });
  return { baseUrl: emulator.baseUrl, users, application: { ...application, redirectUri } };
}

/** These tokens are made up a moment ago for this process alone: they are shown on purpose. */
const inWords = ({ baseUrl, users, application }: EmulatorFacts): string =>
  [
    `GitLab emulator at ${baseUrl} (interrupt to stop)`,
    "",
    ...users.map(({ username, admin, token }) => `${username.padEnd(12)} ${token}${admin ? "  administrator" : ""}`),
    "",
    `OAuth application: client id ${application.clientId}`,
    `                   client secret ${application.clientSecret}`,
    `                   redirect URI ${application.redirectUri}`,
    "",
  ].join("\n");

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

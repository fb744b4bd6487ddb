import { execFile } from "node:child_process";
import { join } from "node:path";

const compiler = join(process.cwd(), "node_modules", "typescript-native", "bin", "tsc");

/** What TypeScript 7 says of a program; nothing where it compiles. One checker: each further works out the same again. */
export const compile = (args: readonly string[], cwd?: string): Promise<string> =>
  new Promise((resolve) => {
    const env = { ...process.env, GOMAXPROCS: "1", GOGC: "400" };
    execFile(process.execPath, [compiler, "--singleThreaded", ...args], { cwd, env }, (error, stdout, stderr) =>
      resolve(error === null ? stdout : stdout || stderr || error.message),
    );
  });

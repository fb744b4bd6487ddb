import { readFile } from "node:fs/promises";

/** What a Dockerfile says, as far as ours does. */
export interface Dockerfile {
  /** Commands of each stage, in order. */
  readonly stages: readonly { readonly run: readonly string[] }[];
  /** What is copied from the context. */
  readonly copied: readonly string[];
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
}

const words = (json: string): string[] => JSON.parse(json) as string[];

/** @see https://docs.docker.com/reference/dockerfile/ */
export async function readDockerfile(file: string): Promise<Dockerfile> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => /^[A-Z]+ /.test(line));
  const stages: { run: string[] }[] = [];
  const copied: string[] = [];
  let [entrypoint, healthcheck]: [string[], string[]] = [[], []];
  for (const line of lines) {
    const [instruction = "", rest = ""] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)];
    if (instruction === "FROM") stages.push({ run: [] });
    else if (instruction === "RUN") stages.at(-1)?.run.push(rest);
    else if (instruction === "COPY" && !rest.startsWith("--from")) copied.push(...rest.split(" ").slice(0, -1));
    else if (instruction === "ENTRYPOINT") entrypoint = words(rest);
    else if (instruction === "HEALTHCHECK") healthcheck = words(rest.slice(rest.indexOf("[")));
  }
  return { stages, copied, entrypoint, healthcheck };
}

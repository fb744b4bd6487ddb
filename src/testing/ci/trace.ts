/** What a trace is written from. */
export interface TraceSource {
  readonly jobId: number;
  readonly jobName: string;
  readonly ref: string;
  readonly sha: string;
  readonly image: string | null;
  readonly script: readonly string[];
  readonly runner: string;
  readonly startedAt: Date;
  readonly status: string;
  readonly failureReason: string | null;
  /** Lines of the job's own output, written after its commands. */
  readonly output: readonly string[];
  /** So many lines of test output on top, for a trace of several megabytes that nobody holds in memory. */
  readonly generatedLines: number;
  /** Whether the runner stamps its lines, as those of GitLab.com do. */
  readonly stamped: boolean;
}

const reset = "\u001b[0;m";
const erase = "\r\u001b[0K";
const cyan = "\u001b[36;1m";
const green = "\u001b[32;1m";
const red = "\u001b[31;1m";

/**
 * A job's log line by line as the runner writes it: ANSI colours, and `section_start:UNIX:NAME` markers that a carriage
 * return and an erase sequence hide on a terminal.
 */
export function* traceLines(source: TraceSource): Generator<string> {
  if (!source.stamped) {
    yield* plainLines(source);
    return;
  }
  // A moment to the microsecond, the stream, and a blank: https://docs.gitlab.com/ci/jobs/job_logs/#job-log-timestamps
  let line = 0;
  for (const text of plainLines(source)) {
    for (const part of text.replace(/\n$/, "").split("\n")) {
      const moment = new Date(source.startedAt.getTime() + line).toISOString().replace("Z", "000Z");
      line += 1;
      yield `${moment} 00O ${part}\n`;
    }
  }
}

function* plainLines(source: TraceSource): Generator<string> {
  let clock = Math.floor(source.startedAt.getTime() / 1000);
  const section = (name: string, title: string): string =>
    `section_start:${String(clock)}:${name}${erase}\u001b[0K${cyan}${title}${reset}\n`;
  const end = (name: string, seconds: number): string => {
    clock += seconds;
    return `section_end:${String(clock)}:${name}${erase}`;
  };
  const image = source.image ?? "node:20-alpine";
  yield `\u001b[0KRunning with gitlab-runner 18.4.0 (139a0ac0)${reset}\n`;
  yield `\u001b[0K  on ${source.runner} t1_aBcDeF, system ID: s_4f8c1d2e90ab${reset}\n`;
  yield section("prepare_executor", 'Preparing the "docker" executor');
  yield `\u001b[0KUsing Docker executor with image ${image} ...${reset}\n`;
  yield `\u001b[0KUsing docker image sha256:9d3f1c for ${image} with digest ${image}@sha256:9d3f1c ...${reset}\n`;
  yield end("prepare_executor", 4) + section("prepare_script", "Preparing environment");
  yield `Running on runner-t1abcdef-project-concurrent-0 via ${source.runner}...\n`;
  yield end("prepare_script", 1) + section("get_sources", "Getting source from Git repository");
  yield `${green}Fetching changes with git depth set to 20...${reset}\n`;
  yield `${green}Checking out ${source.sha.slice(0, 8)} as detached HEAD (ref is ${source.ref})...${reset}\n`;
  yield end("get_sources", 2) + section("step_script", 'Executing "step_script" stage of the job script');
  for (const command of source.script) yield `${green}$ ${command}${reset}\n`;
  for (let line = 1; line <= source.generatedLines; line++) {
    const suite = `suite-${String(line % 97).padStart(2, "0")}`;
    yield `${green}✓${reset} ${suite} › case ${String(line).padStart(6, "0")} keeps its promise (${String(line % 41)} ms)\n`;
  }
  for (const line of source.output) yield `${line}\n`;
  if (source.status === "success") {
    yield (
      end("step_script", 45) +
      section("cleanup_file_variables", "Cleaning up project directory and file based variables")
    );
    yield `${end("cleanup_file_variables", 1)}\n${green}Job succeeded${reset}\n`;
  } else if (source.status === "failed") {
    yield (
      end("step_script", 31) +
      section("cleanup_file_variables", "Cleaning up project directory and file based variables")
    );
    const reason =
      source.failureReason === "script_failure" ? "exit code 1" : (source.failureReason ?? "unknown failure");
    yield `${end("cleanup_file_variables", 1)}\n${red}ERROR: Job failed: ${reason}\n${reset}\n`;
  } else if (source.status === "canceled") {
    yield `${end("step_script", 3)}\n${red}ERROR: Job failed: canceled\n${reset}\n`;
  }
}

/** The bytes of a trace from `offset`, at most `limit`, in chunks of about 64 KiB. */
export function* traceBytes(source: TraceSource, offset = 0, limit = Number.POSITIVE_INFINITY): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let skipped = 0;
  let sent = 0;
  let pending = "";
  const cut = (text: string): Uint8Array => {
    let bytes = encoder.encode(text);
    const skip = Math.min(bytes.length, offset - skipped);
    skipped += skip;
    bytes = bytes.subarray(skip, skip + Math.max(0, limit - sent));
    sent += bytes.length;
    return bytes;
  };
  for (const line of traceLines(source)) {
    pending += line;
    if (pending.length < 65_536) continue;
    const bytes = cut(pending);
    pending = "";
    if (bytes.length > 0) yield bytes;
    if (sent >= limit) return;
  }
  const rest = cut(pending);
  if (rest.length > 0) yield rest;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { peersFolder, type Cost } from "./process.js";

interface JsonRpcAnswer {
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Of a server that was started, asked for its tools, and maybe called. */
export interface Talked {
  /** Milliseconds after the start: until the handshake was answered, and the list of tools. */
  readonly handshake: number;
  readonly list: number;
  /** Until the list was answered and, where calls were made, after them. */
  readonly cost: Cost;
  readonly tools: readonly object[];
  /** What a model reads of each call's result. */
  readonly answers: readonly string[];
}

/** Starts an MCP server as clients start it, on its standard input and output, and makes calls one after the other. */
export async function talk(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  calls: readonly { readonly name: string; readonly arguments: object }[] = [],
): Promise<Talked> {
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", `${peersFolder}cost.mjs`, ...args], {
    cwd: peersFolder,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["pipe", "pipe", "ignore", "pipe"],
  });
  const ended = once(child, "close");
  const [stdin, stdout, , costs] = child.stdio;
  if (!stdin || !stdout || !costs) throw new Error("The server has no pipes");
  const cost = text(costs as Readable);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  let id = 0;
  const send = (message: object): boolean => stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const ask = async (method: string, params: object): Promise<Record<string, unknown>> => {
    id += 1;
    send({ id, method, params });
    for (;;) {
      const line: IteratorResult<string, undefined> = await lines.next();
      if (line.done === true) throw new Error(`${args.join(" ")} ended before it answered ${method}`);
      const answer = JSON.parse(line.value) as JsonRpcAnswer & { readonly id?: number };
      // Anything else is a notification.
      if (answer.id !== id) continue;
      if (!answer.result) throw new Error(`${method}: ${answer.error?.message ?? "no result"}`);
      return answer.result;
    }
  };
  try {
    const clientInfo = { name: "bench", version: "1" };
    await ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
    const handshake = performance.now() - began;
    send({ method: "notifications/initialized" });
    const { tools } = (await ask("tools/list", {})) as { tools: object[] };
    const list = performance.now() - began;
    const answers: string[] = [];
    for (const call of calls) {
      const { content, isError } = (await ask("tools/call", call)) as { content: { text: string }[]; isError?: true };
      const answer = content.map(({ text: said }) => said).join("\n");
      if (isError) throw new Error(`${call.name}: ${answer}`);
      answers.push(answer);
    }
    child.kill("SIGTERM");
    await ended;
    return { handshake, list, tools, answers, cost: JSON.parse(await cost) as Cost };
  } finally {
    child.kill("SIGKILL");
  }
}

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { scriptOf } from "./script.js";
import type { WorkerOrder, WorkerReport, WorkerSetup } from "./worker-messages.js";

/** Starts so many processes and waits until all are ready to be told what to do. */
export async function startWorkers(count: number, setup: WorkerSetup): Promise<Worker[]> {
  const path = await scriptOf("refresh-worker");
  const workers = Array.from({ length: count }, () => new Worker(path, setup));
  await Promise.all(workers.map((worker) => worker.started()));
  return workers;
}

async function report(child: ChildProcess): Promise<WorkerReport> {
  const died = once(child, "exit").then(([code, signal]: unknown[]) => {
    throw new Error(`worker ended with ${String(code ?? signal)}`);
  });
  const [message] = (await Promise.race([once(child, "message"), died])) as [WorkerReport];
  died.catch(() => undefined);
  return message;
}

/** A real process of its own. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #ready: Promise<WorkerReport>;

  constructor(path: string, setup: WorkerSetup) {
    this.#child = fork(path, {
      execArgv: [],
      env: { ...process.env, WORKER_SETUP: JSON.stringify(setup) },
    });
    this.#ready = report(this.#child);
  }

  async started(): Promise<void> {
    await this.#ready;
  }

  async run(order: WorkerOrder): Promise<WorkerReport> {
    this.#child.send(order);
    return await report(this.#child);
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

import { Session } from "node:inspector/promises";

/**
 * How many calls `run` makes of functions in files whose path has `part` in it: work, counted and not timed, so that
 * it is the same number on every machine.
 */
export async function countCalls(part: string, run: () => Promise<unknown>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    await run();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    return result
      .filter(({ url }) => url.includes(part))
      .flatMap(({ functions }) => functions)
      .reduce((calls, { ranges }) => calls + (ranges[0]?.count ?? 0), 0);
  } finally {
    session.disconnect();
  }
}

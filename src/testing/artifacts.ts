import { strToU8, zipSync } from "fflate";
import type { JobRecord } from "./pipeline-records.js";

/** The archive of a job's files: a ZIP, the same bytes for the same job each time. */
export function artifactsArchive(job: JobRecord): Uint8Array {
  const mtime = job.finishedAt ?? job.createdAt;
  const files = Object.entries(job.artifacts ?? {}).map(([path, text]) => [path, strToU8(text)] as const);
  // DOS dates, which ZIP uses, begin with 1980.
  return zipSync(Object.fromEntries(files), { level: 6, mtime: Math.max(mtime.getTime(), Date.UTC(1980, 0, 2)) });
}

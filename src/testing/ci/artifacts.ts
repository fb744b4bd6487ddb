import type * as Fflate from "fflate";
import { lazily } from "../lazily.js";
import type { StoredObject } from "../state/object-storage.js";
import type { JobRecord } from "../state/pipeline-records.js";

const fflate = lazily<typeof Fflate>("fflate");

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A file that a job has left behind: all of them as a ZIP, or its report of tests; undefined when there is none. */
export function artifactFile(job: JobRecord, type: string): StoredObject | undefined {
  if (job.artifacts === null) return undefined;
  if (type === "archive") {
    return { contentType: "application/zip", filename: "artifacts.zip", bytes: () => archive(job) };
  }
  const report = type === "junit" && job.junit !== null ? job.artifacts[job.junit] : undefined;
  if (report === undefined) return undefined;
  return {
    contentType: "application/gzip",
    filename: "junit.xml.gz",
    bytes: () => fflate().gzipSync(encode(report), { mtime: 0 }),
  };
}

const archives = new WeakMap<object, Uint8Array>();

/** Bytes that the archive of a job takes, as its entity says. */
export const archiveSize = (job: JobRecord): number => archive(job).length;

/** The same bytes for the same job each time, packed once. */
function archive(job: JobRecord): Uint8Array {
  const packed = archives.get(job.artifacts ?? job) ?? pack(job);
  archives.set(job.artifacts ?? job, packed);
  return packed;
}

function pack(job: JobRecord): Uint8Array {
  const made = (job.finishedAt ?? job.createdAt).getTime();
  const files = Object.entries(job.artifacts ?? {}).map(([path, text]) => [path, encode(text)] as const);
  // DOS dates, which ZIP uses, begin with 1980.
  return fflate().zipSync(Object.fromEntries(files), { level: 6, mtime: Math.max(made, Date.UTC(1980, 0, 2)) });
}

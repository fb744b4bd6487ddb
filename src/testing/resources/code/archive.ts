import type * as Zlib from "node:zlib";
import type * as Fflate from "fflate";
import { lazily } from "../../lazily.js";
import type { Tree } from "../../repository/model.js";
import { bytes, notFound, refuse, type Answer, type Call, type Handlers } from "../../server/handler.js";
import { findCode } from "./code-access.js";

const fflate = lazily<typeof Fflate>("fflate");
const zlib = lazily<typeof Zlib>("node:zlib");

type Pack = (files: Tree, folder: string, made: Date) => Uint8Array;

const packs: Readonly<Record<string, { readonly type: string; readonly pack: Pack }>> = {
  "tar.gz": { type: "application/octet-stream", pack: (...given) => new Uint8Array(zlib().gzipSync(tar(...given))) },
  tar: { type: "application/octet-stream", pack: tar },
  zip: { type: "application/zip", pack: zip },
};

/** https://docs.gitlab.com/api/repositories/#get-file-archive */
function archive(call: Call, format: string): Answer {
  const project = findCode(call);
  const { repository, path: name } = project;
  const { params } = call;
  const known = packs[format];
  if (known === undefined)
    return refuse(501, `501 The GitLab emulator packs ${Object.keys(packs).join(", ")}, not ${format}`);
  const ref = params.text("sha") ?? repository.defaultBranch;
  const commit = (repository.isEmpty ? undefined : repository.commit(ref)) ?? notFound("File");
  const folder = (params.text("path") ?? "").replace(/^\/+|\/+$/g, "");
  const left = params.list("exclude_paths");
  const files = new Map(
    [...commit.tree].filter(
      ([path]) =>
        (folder === "" || path === folder || path.startsWith(`${folder}/`)) &&
        !left.some((excluded) => path === excluded || path.startsWith(`${excluded}/`)),
    ),
  );
  if (files.size === 0) return notFound("File");
  const parts = [name, ref.replaceAll("/", "-"), commit.sha, ...(folder === "" ? [] : [folder.replaceAll("/", "-")])];
  const title = parts.join("-");
  return bytes(known.pack(files, title, commit.committer.date), known.type, {
    "content-disposition": `attachment; filename="${title}.${format}"`,
  });
}

function zip(files: Tree, folder: string, made: Date): Uint8Array {
  const entries = Object.fromEntries([...files].map(([path, { content }]) => [`${folder}/${path}`, content]));
  // DOS dates, which ZIP uses, begin with 1980.
  return fflate().zipSync(entries, { mtime: Math.max(made.getTime(), Date.UTC(1980, 0, 2)) });
}

/** POSIX ustar: a head of 512 bytes per file, its content padded to 512. */
function tar(files: Tree, folder: string, made: Date): Uint8Array {
  const pieces: Buffer[] = [];
  for (const [path, { content, executable }] of files) {
    const head = Buffer.alloc(512);
    const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, "0")}\0`;
    head.write(path, 0, 100);
    head.write(octal(executable ? 0o755 : 0o644, 8), 100);
    head.write(octal(0, 8), 108);
    head.write(octal(0, 8), 116);
    head.write(octal(content.length, 12), 124);
    head.write(octal(Math.floor(made.getTime() / 1000), 12), 136);
    head.write("        0", 148);
    head.write("ustar\x0000", 257, "latin1");
    head.write(folder, 345, 155);
    head.write(
      `${octal(
        head.reduce((sum, byte) => sum + byte, 0),
        7,
      )} `,
      148,
    );
    pieces.push(head, Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return new Uint8Array(Buffer.concat([...pieces, Buffer.alloc(1024)]));
}

/** The repository as a file to download, its format at the end of the path. */
export const archiveHandlers: Handlers = {
  "GET /projects/{id}/repository/archive": (call) => archive(call, call.params.text("format") ?? "tar.gz"),
  ...Object.fromEntries(
    ["tar.gz", "tar", "zip", "tar.bz2", "tbz", "tbz2", "tb2", "bz2"].map((format) => [
      `GET /projects/{id}/repository/archive.${format}`,
      (call: Call) => archive(call, format),
    ]),
  ),
};

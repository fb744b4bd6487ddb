const types: Readonly<Record<string, string>> = {
  bmp: "image/bmp",
  csv: "text/csv",
  gif: "image/gif",
  ico: "image/vnd.microsoft.icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  log: "text/plain",
  md: "text/markdown",
  pdf: "application/pdf",
  png: "image/png",
  tif: "image/tiff",
  tiff: "image/tiff",
  txt: "text/plain",
  webp: "image/webp",
  zip: "application/zip",
};

/** How much of a large file is read as text at once, and how far into the next part. */
const partBytes = 1024 ** 2;
const overlapBytes = 1024;

/** A file that is sent. Whatever prints, clones or walks it sees its name and size; its content is private. */
export class FileContent {
  readonly file_name: string;
  readonly content_type: string;
  /** In bytes. */
  readonly size: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(name: string, bytes: Uint8Array<ArrayBuffer>) {
    this.file_name = name;
    this.content_type = types[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "application/octet-stream";
    this.size = bytes.byteLength;
    this.#bytes = bytes;
  }

  /** Whether a pattern without state finds something in its text. A match across two parts is found in the overlap. */
  matches(pattern: RegExp): boolean {
    const decoder = new TextDecoder();
    for (let from = 0; from < this.#bytes.length; from += partBytes)
      if (pattern.test(decoder.decode(this.#bytes.subarray(from, from + partBytes + overlapBytes)))) return true;
    return false;
  }

  toBlob(): Blob {
    return new Blob([this.#bytes], { type: this.content_type });
  }
}

/** Whether a file is among the fields of a body, which then cannot be JSON. */
export const hasFile = (body: Readonly<Record<string, unknown>>): boolean =>
  Object.values(body).some((value) => value instanceof FileContent);

import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A file that a run makes, by its path below the project, with `/`. */
export type Outputs = ReadonlyMap<string, string>;

/** How outputs and the disk differ. */
export interface FileChanges {
  /** New or different. */
  readonly changed: string[];
  /** On disk, but no longer made. */
  readonly obsolete: string[];
}

/** A text file, or undefined where there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Names of the files in a folder with one of the endings, sorted; none where there is no folder. */
export async function listFolder(path: string, endings: readonly string[]): Promise<string[]> {
  try {
    const names = await readdir(path);
    return names.filter((name) => endings.some((ending) => name.endsWith(ending))).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Which outputs differ from what is on disk, and which files on disk are outputs no longer. */
export async function compareOutputs(
  root: string,
  outputs: Outputs,
  owned: readonly string[] = [],
): Promise<FileChanges> {
  const changed: string[] = [];
  for (const [path, text] of outputs) if ((await readText(join(root, path))) !== text) changed.push(path);
  const obsolete = owned.filter((path) => !outputs.has(path));
  return { changed, obsolete };
}

/**
 * Puts outputs on disk. All are written beside their places first and renamed then, so that a full disk or a lack of
 * permission leaves the old files as they were.
 */
export async function writeOutputs(
  root: string,
  outputs: Outputs,
  owned: readonly string[] = [],
): Promise<FileChanges> {
  const { changed, obsolete } = await compareOutputs(root, outputs, owned);
  const partial: { readonly from: string; readonly to: string }[] = [];
  try {
    for (const path of changed) {
      const to = join(root, path);
      const from = `${to}.${randomUUID()}.part`;
      await mkdir(dirname(to), { recursive: true });
      partial.push({ from, to });
      await writeFile(from, outputs.get(path) ?? "", { flag: "wx" });
    }
    for (const { from, to } of partial) await rename(from, to);
  } catch (error) {
    await Promise.all(partial.map(({ from }) => rm(from, { force: true })));
    throw error;
  }
  for (const path of obsolete) await rm(join(root, path), { force: true });
  return { changed, obsolete };
}

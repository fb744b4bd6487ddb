import { distance } from "fastest-levenshtein";

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The paths most like one: of the same name first. */
export const nearestFiles = (file: string, paths: readonly string[], most = 3): string[] =>
  paths
    .map((path) => {
      const share = distance(path, file) / Math.max(path.length, file.length, 1);
      return { path, share: nameOf(path) === nameOf(file) ? share / 10 : share };
    })
    .filter(({ share }) => share <= 0.5)
    .toSorted((a, b) => a.share - b.share)
    .slice(0, most)
    .map(({ path }) => path);

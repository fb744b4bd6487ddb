import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** A module that is loaded when it is first used: most tests need no archive, no patch and no YAML. */
export function lazily<T>(name: string): () => T {
  let loaded: T | undefined;
  return () => (loaded ??= load(name) as T);
}

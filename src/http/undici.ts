import { createRequire } from "node:module";
import type * as Undici from "undici";

export type { Undici };

let loaded: Promise<typeof Undici> | undefined;

/**
 * undici, which takes longer to load than all the rest of a client: it comes with the first request.
 *
 * @throws {Error} in a bundle that left undici out, where it is not installed beside the bundle
 */
export function loadUndici(): Promise<typeof Undici> {
  return (loaded ??= load());
}

async function load(): Promise<typeof Undici> {
  try {
    const loaded = await import("undici");
    // esbuild's chunk of a CommonJS module has everything below `default`.
    const whole: unknown = Object.hasOwn(loaded, "Agent") ? loaded : loaded.default;
    return whole as typeof Undici;
  } catch (error) {
    // esbuild's ES modules cannot run a dependency that requires Node's own modules: https://github.com/evanw/esbuild/issues/1921
    if (!(error instanceof Error && error.message.startsWith("Dynamic require of"))) throw error;
    try {
      return createRequire(import.meta.url)("undici") as typeof Undici;
    } catch (cause) {
      const way = "Bundle with --external:undici and install undici beside the bundle, or bundle as CommonJS.";
      throw new Error(`This bundle cannot load undici. ${way}`, { cause });
    }
  }
}

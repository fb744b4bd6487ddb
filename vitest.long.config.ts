import { defineConfig } from "vitest/config";
import short from "./vitest.config.js";

/** What takes longer than anybody wants to wait for with every change. */
export default defineConfig({
  ...short,
  test: {
    ...short.test,
    projects: undefined,
    include: ["test/**/*.long.test.ts"],
    exclude: [],
    testTimeout: 900_000,
    passWithNoTests: true,
  },
});

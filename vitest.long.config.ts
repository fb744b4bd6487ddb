import { defineConfig } from "vitest/config";
import short from "./vitest.config.js";

/** What takes longer than anybody wants to wait for with every change. */
export default defineConfig({
  ...short,
  test: {
    ...short.test,
    isolate: true,
    // Those of every run that draw at random draw more here.
    env: { TEST_LONG: "1" },
    include: ["test/**/*.long.test.ts", "test/errors/any-body.test.ts", "test/policy/quick-actions.test.ts"],
    exclude: [],
    testTimeout: 900_000,
    passWithNoTests: true,
  },
});

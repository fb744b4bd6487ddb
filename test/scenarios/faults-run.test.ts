import { test } from "vitest";
import { checkFaults } from "./faults-run.js";

test("200 calls through a faulty proxy end in a result or a classified error, and no write happens twice", async () => {
  await checkFaults(200);
});

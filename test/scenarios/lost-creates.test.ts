import { test } from "vitest";
import { checkLostCreates } from "./lost-creates-run.js";

test("100 creates of all kinds through a faulty proxy: none is made twice, and of each is said what became of it", async () => {
  await checkLostCreates(100, ["never answered"]);
});

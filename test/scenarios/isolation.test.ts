import { test } from "vitest";
import { checkIsolation } from "./isolation.js";

test("random interleavings never mix up people or instances", () => checkIsolation(6));

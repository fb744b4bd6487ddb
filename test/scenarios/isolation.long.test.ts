import { test } from "vitest";
import { checkIsolation } from "./isolation.js";

test("60 random interleavings never mix up people or instances", () => checkIsolation(60));

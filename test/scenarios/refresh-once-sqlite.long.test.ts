import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { describeRefreshes, rushes } from "../support/refresh-scenario.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "refresh-"));
});

afterAll(() => rm(folder, { recursive: true }));

describeRefreshes("SQLite", () => Promise.resolve(`sqlite:${join(folder, "accounts.db")}`), rushes.long);

import { afterAll, beforeAll } from "vitest";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import { describeRefreshes, rushes } from "../support/refresh-scenario.js";

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

describeRefreshes("PostgreSQL", () => postgres.createDatabase(), rushes.long);

import { openStore } from "../../src/stores/open-store.js";

/** A process that takes a lock, says so, and never gives it back. */
const store = openStore(process.argv[2] ?? "");
await store.open();
await store.withLock("name", () => {
  process.stdout.write("locked\n");
  return new Promise(() => setInterval(() => undefined, 1_000));
});

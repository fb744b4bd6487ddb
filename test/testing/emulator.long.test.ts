import { createConnection } from "node:net";
import { expect, test } from "vitest";
import { setup } from "./client.js";

const { emulator } = setup();

test("the last 10,000 requests are remembered", async () => {
  const { hostname, port } = new URL(emulator().baseUrl);
  const count = 10_050;
  const lines = Array.from({ length: count }, (_one, index) => {
    const last = index === count - 1;
    return `GET /${String(index)} HTTP/1.1\r\nHost: x\r\n${last ? "Connection: close\r\n" : ""}\r\n`;
  });
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection(Number(port), hostname, () => socket.write(lines.join("")));
    socket.on("error", reject).on("close", () => {
      resolve();
    });
    socket.resume();
  });
  expect(emulator().requests).toHaveLength(10_000);
  expect(emulator().requests[0]).toMatchObject({ path: "/50" });
});

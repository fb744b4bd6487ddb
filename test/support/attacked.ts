import { createServer, type AddressInfo, type Socket } from "node:net";
import { createGitLab, GitLabToolError, type GitLabOptions } from "gitlab-agent-tools";
import { onTestFinished } from "vitest";
import { token } from "./server.js";

export const caught = (error: unknown): GitLabToolError => {
  if (error instanceof GitLabToolError) return error;
  throw error;
};

/** An account on a server that writes what it likes; connecting the account is answered with 404. */
export async function attacked(respond: (socket: Socket, head: string) => void, options: Partial<GitLabOptions> = {}) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.on("data", (data) => {
      const head = data.toString("latin1");
      if (/ \S*\/(?:user|self|info) /.test(head)) socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      else respond(socket, head);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } }, ...options });
  onTestFinished(async () => {
    await gitlab.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await gitlab.connectWithToken({ identifier: "ada", token });
  return gitlab.as("ada");
}

/** The head of a response as it goes over the wire. */
export const head = (headers: Record<string, string | number>, status = "200 OK"): string =>
  [`HTTP/1.1 ${status}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");

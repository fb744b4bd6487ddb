import { createGitLab } from "gitlab-agent-tools";
import { expect, test } from "vitest";
import { OAuthServer } from "../support/oauth-server.js";

test("a 401 in other words than OAuth's costs an account neither its token nor its status", async () => {
  const server = await new OAuthServer().start();
  const gitlab = createGitLab({ store: "memory:", connections: { gitlab: server.connection } });
  const { link } = await gitlab.actions.getAuthorizationLink({ identifier: "user_ada" });
  await gitlab.handleCallback(server.authorize(link, "ada"));
  server.api = (request, response) =>
    request.url?.startsWith("/api/v4/projects") === true &&
    Boolean(response.writeHead(401).end('{"message":"The licence of this feature was revoked, it expired"}'));
  await expect(gitlab.executeTool({ identifier: "user_ada", toolName: "gitlab_projects_list" })).rejects.toMatchObject({
    status: 401,
  });
  expect(server.refreshes).toBe(0);
  const { connectedAccount } = await gitlab.actions.getConnectedAccount({ identifier: "user_ada" });
  expect(connectedAccount.status).toBe("ACTIVE");
  await gitlab.close();
  await server.stop();
});

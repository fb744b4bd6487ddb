import { expect, onTestFinished, test } from "vitest";
import { signIn } from "../../examples/mcp-deployment/client.js";
import { start } from "../../examples/mcp-deployment/server.js";
import { emulator, newStore } from "../support/emulated.js";
import { agree, freePort } from "../support/sign-in.js";

test("the server is given nothing but an OAuth application, the client nothing but an address", async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const gitlab = await emulator();
  const redirectUri = `${origin}/callback/gitlab`;
  const { clientId, clientSecret } = gitlab.oauth.createApplication({ redirectUri, scopes: ["api"] });
  const { store, encryptionKey } = await newStore();
  const { address, stop } = await start({
    ...{ PUBLIC_URL: origin, STORE: store, GITLAB_AGENT_TOOLS_KEY: encryptionKey },
    ...{ GITLAB_URL: gitlab.baseUrl, GITLAB_CLIENT_ID: clientId, GITLAB_CLIENT_SECRET: clientSecret },
  });
  onTestFinished(stop);

  const client = await signIn(address, async (page) => {
    await fetch(await agree({ origin, emulator: gitlab }, page, { username: "ada" }));
  });
  onTestFinished(() => client.close());
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain("gitlab_issue_create");
  // What the server does not offer is not there, whatever the person may do.
  expect(tools.map(({ name }) => name)).not.toContain("gitlab_file_delete");
  const me = await client.callTool({ name: "gitlab_current_user_get", arguments: {} });
  expect(JSON.stringify(me.content)).toContain("ada");
});

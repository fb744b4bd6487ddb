import { serve } from "@hono/node-server";
import { createGitLab } from "gitlab-agent-tools";
import { createApp } from "./app.js";

const { GITLAB_URL, GITLAB_CLIENT_ID, GITLAB_CLIENT_SECRET, GITLAB_AGENT_TOOLS_KEY, SESSION_SECRET } = process.env;
if (!SESSION_SECRET) throw new Error("Set SESSION_SECRET to a long random text.");

const gitlab = createGitLab({
  connections: {
    gitlab: {
      ...(GITLAB_URL && { baseUrl: GITLAB_URL }),
      clientId: GITLAB_CLIENT_ID,
      clientSecret: GITLAB_CLIENT_SECRET,
      redirectUri: "http://localhost:3000/connect/{connection}",
      scopes: ["read_api"],
    },
  },
  encryptionKey: GITLAB_AGENT_TOOLS_KEY,
});

serve({ fetch: createApp(gitlab, SESSION_SECRET).fetch, hostname: "127.0.0.1", port: 3000 }, ({ port }) =>
  console.log(`http://localhost:${port}`),
);

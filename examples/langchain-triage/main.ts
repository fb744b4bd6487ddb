import { createGitLab } from "gitlab-agent-tools";
import { triage } from "./triage.js";

const { GITLAB_URL, GITLAB_TOKEN = "", MODEL = "openai:gpt-5" } = process.env;
const [project] = process.argv.slice(2);
if (project === undefined) throw new Error("Say which project: npm start -- group/project");

const gitlab = createGitLab({
  store: "memory:",
  connections: { gitlab: { ...(GITLAB_URL && { baseUrl: GITLAB_URL }) } },
});
await gitlab.connectWithToken({ identifier: "me", token: GITLAB_TOKEN });
console.log(await triage(gitlab, "me", project, MODEL));
await gitlab.close();

import { createGitLab } from "../../../dist/src/index.js";
import { issuesList } from "../../../dist/src/tools.js";

const baseUrl = process.env.GITLAB_URL ?? "";
const gitlab = createGitLab({ store: "memory:", connections: { gitlab: { baseUrl } } });
await gitlab.connectWithToken({ identifier: "me", token: process.env.GITLAB_TOKEN ?? "" });
const { data } = await issuesList(gitlab.as("me"), { project_id: "acme/app", state: "opened", per_page: 20 });
console.log(data.map(({ iid, title }) => `#${iid} ${title}`).join("\n"));
await gitlab.close();

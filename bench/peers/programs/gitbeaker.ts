import { Gitlab } from "@gitbeaker/rest";

const api = new Gitlab({ host: process.env.GITLAB_URL ?? "", token: process.env.GITLAB_TOKEN ?? "" });
const issues = await api.Issues.all({ projectId: "acme/app", state: "opened", perPage: 20, maxPages: 1, page: 1 });
console.log(issues.map(({ iid, title }) => `#${iid} ${title}`).join("\n"));

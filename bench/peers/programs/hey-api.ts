import { client } from "../made/hey-api/client.gen.js";
import { getApiV4ProjectsIdIssues } from "../made/hey-api/sdk.gen.js";

client.setConfig({
  baseUrl: process.env.GITLAB_URL ?? "",
  headers: { authorization: `Bearer ${process.env.GITLAB_TOKEN}` },
});
const { data } = await getApiV4ProjectsIdIssues({
  path: { id: "acme/app" },
  query: { state: "opened", per_page: 20 },
  throwOnError: true,
});
console.log(
  [data]
    .flat()
    .map(({ iid, title }) => `#${iid} ${title}`)
    .join("\n"),
);

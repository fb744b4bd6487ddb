import createClient from "openapi-fetch";
import type { paths } from "../made/openapi.js";

const client = createClient<paths>({
  baseUrl: process.env.GITLAB_URL ?? "",
  headers: { authorization: `Bearer ${process.env.GITLAB_TOKEN}` },
});
const { data, error } = await client.GET("/api/v4/projects/{id}/issues", {
  params: { path: { id: "acme/app" }, query: { state: "opened", per_page: 20 } },
});
if (!data) throw error;
console.log(
  [data]
    .flat()
    .map(({ iid, title }) => `#${iid} ${title}`)
    .join("\n"),
);

import { Gitlab } from "@gitbeaker/rest";

/** The same list through @gitbeaker/rest. */
export function list(baseUrl, token) {
  const api = new Gitlab({ host: baseUrl, token });
  return () => api.Issues.all({ projectId: "acme/app", state: "opened", perPage: 20, maxPages: 1, page: 1 });
}

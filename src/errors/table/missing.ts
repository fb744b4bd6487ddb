import { planHas } from "../plan.js";
import { because, isBare, says, type Finding, type Refusal, type Row } from "../refusal.js";
import type { ErrorBody } from "../body.js";
import { whichOfPlanAndRole } from "./account.js";

/** The tool that finds a thing, by the thing's place in a path. */
const finders: Readonly<Record<string, string>> = {
  projects: "gitlab_projects_list with search",
  groups: "gitlab_groups_list with search",
  users: "gitlab_users_list with search",
  issues: "gitlab_issues_list with search",
  merge_requests: "gitlab_merge_requests_list with search",
  notes: "gitlab_issue_notes_list or gitlab_merge_request_notes_list",
  milestones: "gitlab_milestones_list",
  pipelines: "gitlab_pipelines_list",
  jobs: "gitlab_jobs_list",
  branches: "gitlab_branches_list",
  tags: "gitlab_tags_list",
  commits: "gitlab_commits_list",
  files: "gitlab_repository_tree_list",
  releases: "gitlab_releases_list",
  snippets: "gitlab_project_snippets_list",
  hooks: "gitlab_project_webhooks_list",
  deploy_keys: "gitlab_deploy_keys_list",
  variables: "gitlab_project_variables_list",
  members: "gitlab_project_members_list",
  labels: "gitlab_issue_labels_list",
};

/** GitLab's names of missing things, where they are not the place in the path. */
const things: Readonly<Record<string, string>> = {
  branch: "branches",
  ref: "branches",
  reference: "branches",
  tree: "files",
  path: "files",
  "deploy key": "deploy_keys",
  "merge request": "merge_requests",
  issue: "issues",
  pipeline: "pipelines",
  key: "deploy_keys",
};

/** What GitLab says is missing: `branch` of `404 Branch Not Found`; empty where it does not say. */
function missingThing(body: ErrorBody): string {
  return (/^(?:404 )?(.*?)\s*not found\b/i.exec(body.text)?.[1] ?? "").toLowerCase();
}

const isTarget = (thing: string): boolean => ["", "issue", "merge request", "noteable", "resource"].includes(thing);

/** The iid may be what is missing: GitLab names it, or nothing. */
const mayBeIid = (body: ErrorBody, { iid }: Refusal): boolean =>
  iid !== undefined && body.kind !== "html" && isTarget(missingThing(body));

const kinds = {
  issue: ["issue", "#", "gitlab_issues_list"],
  merge_request: ["merge request", "!", "gitlab_merge_requests_list"],
} as const;

function listHint(body: ErrorBody, { path }: Refusal): string {
  const named = missingThing(body);
  // "source branch" is a branch.
  const thing = named in things ? named : (named.split(" ").at(-1) ?? "");
  const places = path.split("/").filter((part) => part in finders);
  const place = things[thing] ?? (thing !== "" && `${thing}s` in finders ? `${thing}s` : places.at(-1));
  const finder = place === undefined ? undefined : finders[place];
  return finder ? `Call ${finder} to find what there is.` : "Check the names and numbers with the matching list tool.";
}

function wrongIid({ iid, evidence }: Refusal): Finding {
  const [noun, sign] = kinds[iid?.kind ?? "issue"];
  const found = evidence?.globalId;
  const given = iid?.value ?? "";
  const name = iid?.parameter ?? "iid";
  return {
    code: "wrong_iid",
    message: `${given} is the global id of ${noun} ${sign}${found?.iid ?? ""} in ${found?.project ?? "the project"}, not its iid.`,
    hint: `Call again with ${name}: ${found?.iid ?? ""}.`,
    details: { parameter: name, given: Number(given), iid: Number(found?.iid), project: found?.project },
  };
}

function noSuchIid(body: ErrorBody, { iid, path, evidence, attemptLost }: Refusal): Finding {
  const kind = iid?.kind ?? "issue";
  const [noun, sign, list] = kinds[kind];
  const name = iid?.parameter ?? "iid";
  const other = evidence?.globalId;
  // `…/issues/{iid}/notes/{note_id}`: what is missing may as well be what the last part names.
  const below = path.split("{").length > 3 ? ", or nothing such in it," : "";
  return {
    code: "not_found",
    message: `The project has no ${noun} ${sign}${iid?.value ?? ""}${below} that this user can see${because(body)}${lost(attemptLost)}`,
    hint: `${name} is the number after ${sign}, not the global id: call ${list} with search to find it.`,
    ...(other && {
      details: { globalIdOf: { project: other.project, iid: Number(other.iid) } },
      hint: `If you mean ${noun} ${sign}${other.iid} in ${other.project}, call again with project_id: "${other.project}" and ${name}: ${other.iid}; otherwise call ${list} with search.`,
    }),
  };
}

const lost = (attemptLost?: boolean): string =>
  attemptLost ? " An earlier attempt of this call got no answer: it may have done the work." : "";

const isPaid = ({ tier, instance }: Refusal): boolean => tier !== undefined && instance === "self-managed";

/** What is not there, or must not be seen: 404 and 410, and the answers that mean so. */
export const missingRows: readonly Row[] = [
  {
    status: [404],
    when: says(/project not found/i),
    finding: (_, { project }) => ({
      code: "project_not_found",
      message: `There is no project${project === undefined ? "" : ` ${project}`}, or this user has no access to it; GitLab does not say which.`,
      hint: "Call gitlab_projects_list with search to find the project; if it exists, ask one of its members for access.",
    }),
  },
  {
    // Apache and nginx decode `%2F` unless told otherwise (GitLab documentation, "REST API: namespaced paths").
    status: [404, 400],
    when: (body, { instance, project }) =>
      body.kind === "html" && instance === "self-managed" && project !== undefined && project.includes("/"),
    asks: ["numeric_id"],
    finding: (_, { project, baseUrl, evidence }) => {
      const id = evidence?.project?.id;
      return {
        code: "not_found",
        message: `${new URL(baseUrl).host} answered with a web page: the proxy in front of GitLab most likely breaks %2F in paths.`,
        hint: `Call again with the project's number as project_id${id === undefined ? " (gitlab_projects_list with search shows it as id)" : `: ${id}`}. The administrator can mend it: AllowEncodedSlashes NoDecode and nocanon in Apache, no path in nginx's proxy_pass.`,
        details: { reason: "encoded_slash", project, ...(id !== undefined && { projectId: id }) },
      };
    },
  },
  {
    status: [404],
    when: (body, refusal) => mayBeIid(body, refusal) && refusal.evidence?.globalId?.sameProject === true,
    finding: (_, refusal) => wrongIid(refusal),
  },
  {
    status: [404],
    when: (body, refusal) =>
      isPaid(refusal) && isBare(body) && (refusal.evidence?.targetExists ?? refusal.iid === undefined),
    finding: (body, refusal) => paid(body, refusal),
  },
  {
    status: [404],
    when: (body, refusal) => isPaid(refusal) && isBare(body) && refusal.evidence?.targetExists !== false,
    asks: ["global_id", "target", "plan"],
    finding: (body, refusal) => {
      if (planHas(refusal.tier ?? "premium", refusal.evidence ?? {}) === false) return paid(body, refusal);
      return {
        code: "premium_required",
        message: `This instance does not offer ${refusal.toolName}, or the ${kinds[refusal.iid?.kind ?? "issue"][0]} does not exist; GitLab does not say which.`,
        hint: `Check ${refusal.iid?.parameter ?? "the numbers"} first; if it is right, the instance lacks ${refusal.tier === "ultimate" ? "Ultimate" : "Premium"}: do without this tool.`,
        details: { tier: refusal.tier },
      };
    },
  },
  {
    status: [404],
    when: mayBeIid,
    asks: ["global_id"],
    finding: noSuchIid,
  },
  {
    status: [404, 410],
    when: (body) => body.kind === "html",
    finding: (body, { baseUrl }) => ({
      code: "not_found",
      message: `${new URL(baseUrl).host} answered with a web page, not as GitLab's API does${because(body)}`,
      hint: `Check that ${baseUrl} is the instance's address, path prefix included.`,
    }),
  },
  {
    status: [404, 410],
    finding: (body, refusal) => ({
      code: "not_found",
      message: `GitLab did not find it${because(body)}${lost(refusal.attemptLost)}`,
      hint: listHint(body, refusal),
    }),
  },
  {
    status: [400],
    when: says(/(?:file|branch|tag|ref\w*|commit)\b.*(?:doesn't|does not) exist|^(?:404 )?[\w ]+ not found$/i),
    finding: (body, refusal) => ({
      code: "not_found",
      message: `GitLab did not find it${because(body)}`,
      hint: listHint(
        { ...body, text: body.text.replace(/.*\b(file|branch|tag|ref|commit)\b.*/i, "$1 not found") },
        refusal,
      ),
    }),
  },
];

/** The thing is there and the route is not: the instance lacks the feature. */
function paid(body: ErrorBody, refusal: Refusal): Finding {
  if (planHas(refusal.tier ?? "premium", refusal.evidence ?? {}) === false) {
    return whichOfPlanAndRole(because(body), refusal);
  }
  const name = refusal.tier === "ultimate" ? "Ultimate" : "Premium";
  return {
    code: "premium_required",
    message: `This instance does not offer ${refusal.toolName}: it needs GitLab ${name}.`,
    hint: "Do without this tool here; tell the user that the instance's plan lacks the feature.",
    details: { tier: refusal.tier },
  };
}

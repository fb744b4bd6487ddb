import { planHas } from "../plan.js";
import { because, isBare, says, type Finding, type RefusedCall, type Rule } from "../refused-call.js";
import type { ErrorBody } from "../body.js";
import { whichOfPlanAndRole } from "./plan.js";

/** Parameters that hold a thing, by GitLab's word for it. */
const parametersOf: readonly (readonly [thing: RegExp, parameter: RegExp])[] = [
  [/branch|ref/, /branch|^ref|^from$/],
  [/tree|path|file/, /path/],
  [/commit/, /^sha$|^ref/],
  [/tag|release/, /^tag_name$/],
  [/key/, /^key/],
  [/user|member/, /^user_id$/],
  [/hook/, /^hook_id$/],
];

/** What GitLab says is missing: `branch` of `404 Branch Not Found`; empty where it does not say. */
function missingThing(body: ErrorBody): string {
  return (/^(?:404 )?(.*?)\s*not found\b/i.exec(body.text)?.[1] ?? "").toLowerCase();
}

const isTarget = (thing: string): boolean => ["", "issue", "merge request", "noteable", "resource"].includes(thing);

/** The iid may be what is missing: GitLab names it, or nothing. */
const mayBeIid = (body: ErrorBody, { iid }: RefusedCall): boolean =>
  iid !== undefined && body.kind !== "html" && isTarget(missingThing(body));

const kinds = { issue: ["issue", "#"], merge_request: ["merge request", "!"] } as const;

function listHint(body: ErrorBody, { path, finders, see, method, toolName }: RefusedCall): string {
  const named = missingThing(body);
  const thing = named.replaceAll(" ", "_");
  const names = Object.keys(finders);
  const [, holds] = named === "" ? [] : (parametersOf.find(([word]) => word.test(named)) ?? []);
  // GitLab says it by field, as `source_branch: does not exist`.
  const parameter =
    names.find((name) => body.fields !== undefined && Object.hasOwn(body.fields, name)) ??
    names.find((name) => thing !== "" && name.startsWith(thing)) ??
    (holds && names.find((name) => holds.test(name)));
  const finder = see?.[thing] ?? (parameter === undefined ? undefined : finders[parameter]);
  if (finder !== undefined) return `Call ${finder} to find what there is.`;
  if (body.fields !== undefined) return "Correct what is named, or look for it with the matching list tool.";
  // A list that is not there lies in something that is not there: the last that its path names.
  const inPath = names.filter((name) => /(?:_id|_iid|branch|sha|path|name|key)$/.test(name));
  const holders = path.split("{").length - 1;
  const last = path.endsWith("}") || method !== "GET" ? inPath.at(-1) : inPath.slice(0, holders).at(-1);
  const found = last === undefined ? undefined : finders[last];
  if (found === undefined) return "Check the names and numbers with the matching list tool.";
  return path.endsWith("}") || method !== "GET"
    ? `Call ${found} to find what there is.`
    : `Check ${last ?? ""} with ${found}, then call ${toolName} again.`;
}

function wrongIid({ iid, evidence }: RefusedCall): Finding {
  const [noun, sign] = kinds[iid?.kind ?? "issue"];
  const found = evidence?.globalId;
  const value = iid?.value ?? "";
  const name = iid?.parameter ?? "iid";
  return {
    code: "wrong_iid",
    message: `${value} is the global id of ${noun} ${sign}${found?.iid ?? ""} in ${found?.project ?? "the project"}, not its iid.`,
    hint: `Call again with ${name}: ${found?.iid ?? ""}.`,
    details: { parameter: name, given: Number(value), iid: Number(found?.iid), project: found?.project },
  };
}

function noSuchIid(body: ErrorBody, { iid, path, evidence, attemptLost, finders }: RefusedCall): Finding {
  const kind = iid?.kind ?? "issue";
  const [noun, sign] = kinds[kind];
  const name = iid?.parameter ?? "iid";
  const find = finders[name] ? `call ${finders[name]}` : "search for it";
  const other = evidence?.globalId;
  // `…/issues/{iid}/notes/{note_id}`: what is missing may as well be what the last part names.
  const below = path.split("{").length > 3 ? ", or nothing such in it," : "";
  return {
    code: "not_found",
    message: `The project has no ${noun} ${sign}${iid?.value ?? ""}${below} that this user can see${because(body)}${lost(attemptLost)}`,
    hint: `${name} is the number after ${sign}, not the global id: ${find} to find it.`,
    ...(other && {
      details: { globalIdOf: { project: other.project, iid: Number(other.iid) } },
      hint: `If you mean ${noun} ${sign}${other.iid} in ${other.project}, call again with project_id: "${other.project}" and ${name}: ${other.iid}; otherwise ${find}.`,
    }),
  };
}

const lost = (attemptLost?: boolean): string =>
  attemptLost ? " An earlier attempt of this call got no answer: it may have done the work." : "";

const isPaid = ({ tier, instance }: RefusedCall): boolean => tier !== undefined && instance === "self-managed";

/** What is not there, or must not be seen: 404 and 410, and the answers that mean so. */
export const notFoundRules: readonly Rule[] = [
  {
    status: [404],
    when: says(/project not found/i),
    finding: (_, { project, finders }) => ({
      code: "project_not_found",
      message: `There is no project${project === undefined ? "" : ` ${project}`}, or this user has no access to it; GitLab does not say which.`,
      hint: `${finders["project_id"] ? `Call ${finders["project_id"]}` : "Search the projects"} to find the project; if it exists, ask one of its members for access.`,
    }),
  },
  {
    // Apache and nginx decode `%2F` unless told otherwise: https://docs.gitlab.com/api/rest/#namespaced-paths
    status: [404, 400],
    when: (body, { instance, project }) =>
      body.kind === "html" && instance === "self-managed" && project !== undefined && project.includes("/"),
    asks: ["numeric_id"],
    finding: (_, { project, baseUrl, evidence, finders }) => {
      const id = evidence?.project?.id;
      return {
        code: "not_found",
        message: `${new URL(baseUrl).host} answered with a web page: the proxy in front of GitLab most likely breaks %2F in paths.`,
        hint: `Call again with the project's number as project_id${id === undefined ? ` (${finders["project_id"] ?? "the list of projects"} shows it as id)` : `: ${id}`}. The administrator can mend it: AllowEncodedSlashes NoDecode and nocanon in Apache, no path in nginx's proxy_pass.`,
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
    // The key `error` is the router's: there is no such route. What is merely not there comes with `message`.
    status: [404],
    when: (body, { evidence }) => isNoRoute(body) && evidence?.targetExists !== false,
    asks: ["version"],
    finding: (_, refusal) => notAvailable(refusal),
  },
  {
    // https://docs.gitlab.com/api/milestones/ takes the id; people see the iid.
    status: [404],
    when: (body, { path }) => body.kind !== "html" && /\/milestones\/\{milestone_id\}/.test(path),
    asks: ["milestone"],
    finding: (body, refusal) => {
      const milestone = refusal.evidence?.milestone;
      if (milestone === undefined) {
        return { code: "not_found", message: `GitLab did not find it${because(body)}`, hint: listHint(body, refusal) };
      }
      const iid = Number(milestone.iid);
      return {
        code: "wrong_iid",
        message: `${milestone.iid} is the iid of a milestone, the number in its address, not its id.`,
        hint: `Call again with milestone_id: ${milestone.id}.`,
        details: { parameter: "milestone_id", given: iid, id: milestone.id },
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
    // https://docs.gitlab.com/api/commits/#create-a-commit
    status: [400],
    when: says(/when you are on a branch/i),
    finding: (body, { finders }) => ({
      code: "not_found",
      message: `There is no branch to commit to${because(body)}`,
      hint: `${finders["branch"] === undefined ? "Look for the branch." : `Call ${finders["branch"]} to find what there is.`} A new branch is made from start_branch, which has to be there.`,
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

const isNoRoute = (body: ErrorBody): boolean =>
  body.kind === "json" && body.error !== undefined && /^404 not found$/i.test(body.error.trim());

function notAvailable({ toolName, baseUrl, since, evidence = {} }: RefusedCall): Finding {
  const { version, enterprise } = evidence;
  const edition = enterprise === false ? ", Community Edition" : "";
  const instance = `GitLab ${version ?? "of an unknown version"} at ${new URL(baseUrl).host}${edition}`;
  return {
    code: "not_available",
    message: `${instance} has no such route${since === undefined ? "" : `: ${toolName} needs ${since}`}.`,
    hint: "Do without this tool here: the instance's version, edition or plan does not have it.",
    details: {
      ...(version !== undefined && { version }),
      ...(enterprise !== undefined && { enterprise }),
      ...(since !== undefined && { since }),
    },
  };
}

/** The thing is there and the route is not: the instance lacks the feature. */
function paid(body: ErrorBody, refusal: RefusedCall): Finding {
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

import { createHash } from "node:crypto";
import { json, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import type { ResourceRecord } from "../../state/resource-records.js";
import { projectBasic } from "../projects/project-entity.js";
import { underProject, type Place } from "../engine/places.js";
import { findRecord, presentRecord, resourceHandlers, type Resource } from "../engine/resource.js";

/** GitLab's slug: letters, digits and dashes, at most 24 characters, unique by a suffix where something was lost. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  if (slug === name && slug.length <= 24) return slug;
  return `${slug.slice(0, 17)}-${createHash("sha256").update(name).digest("hex").slice(0, 6)}`;
}

const tierOf = (name: string): string =>
  /prod|live/.test(name)
    ? "production"
    : /stag|model|demo|pre/.test(name)
      ? "staging"
      : /test|qa|acc/.test(name)
        ? "testing"
        : /dev|review|trunk/.test(name)
          ? "development"
          : "other";

const environments: Resource = {
  name: "environments",
  path: "/projects/{id}/environments",
  item: "environment_id",
  missing: "Environment",
  under: underProject,
  roles: { read: role.reporter, write: role.developer },
  defaults: { state: "available", auto_stop_setting: "always" },
  unique: { fields: ["name"], message: { name: ["has already been taken"] } },
  write: (values, _call, _place, before) => {
    const name = typeof values["name"] === "string" ? values["name"] : undefined;
    if (name === undefined) return values;
    if (before !== undefined) delete values["name"];
    return { ...values, slug: before?.values["slug"] ?? slugOf(name), tier: values["tier"] ?? tierOf(name) };
  },
  keep: ({ values }) => {
    // Only a stopped environment can be deleted: https://docs.gitlab.com/api/environments/
    if (values["state"] !== "stopped") refuse(403, "403 Forbidden");
  },
  present: (record, call, place) => {
    const latest = call.gitlab.resources
      .in("deployments", place.key)
      .findLast((deployment) => deployment.values["environment"] === record.values["name"]);
    const entity = call.document.schema("APIEntitiesDeployment");
    return {
      project: place.project === undefined ? null : projectBasic(call.gitlab, place.project),
      last_deployment: latest === undefined ? null : presentRecord(deployments, latest, call, place, entity),
    };
  },
};

/** The environment of a name, made when a deployment names one that is not there. */
function environmentOf(call: Call, place: Place, name: string): ResourceRecord {
  const known = call.gitlab.resources.in("environments", place.key).find(({ values }) => values["name"] === name);
  const values = { ...environments.defaults, name, slug: slugOf(name), tier: tierOf(name), external_url: null };
  const made = { by: call.user?.id ?? 0, at: call.gitlab.now() };
  return known ?? call.gitlab.resources.add("environments", place.key, values, made);
}

const deployments: Resource = {
  name: "deployments",
  path: "/projects/{id}/deployments",
  item: "deployment_id",
  missing: "Deployment",
  under: underProject,
  roles: { read: role.reporter, write: role.developer, remove: role.maintainer },
  write: (values, call, place, before) => {
    if (before !== undefined) return { status: values["status"] };
    const sha = String(values["sha"]);
    if (place.project?.repository.commit(sha) === undefined)
      refuse(400, { message: { sha: ["The commit does not exist"] } });
    environmentOf(call, place, String(values["environment"]));
    return { ...values, iid: call.gitlab.resources.in("deployments", place.key).length + 1 };
  },
  present: (record, call, place) => {
    const environment = environmentOf(call, place, String(record.values["environment"]));
    const { id, values } = environment;
    return {
      environment: { id, name: values["name"], slug: values["slug"], external_url: values["external_url"] ?? null },
      // No job has made what was told to the API.
      deployable: null,
    };
  },
};

/** Environments and what was deployed to them. */
export const environmentResources: Handlers = {
  ...resourceHandlers(environments),
  ...resourceHandlers(deployments),
  "POST /projects/{id}/environments/{environment_id}/stop": (call) => {
    const place = underProject(call);
    if (place.level < role.developer) refuse(403, "403 Forbidden");
    const record = findRecord(environments, call, place);
    record.values["state"] = "stopped";
    return json(presentRecord(environments, record, call, place));
  },
  "GET /projects/{id}/deployments": (call) => {
    const place = underProject(call);
    if (call.params.has("environment") && !known(call, place)) return notFound("Environment");
    return resourceHandlers(deployments)["GET /projects/{id}/deployments"]?.(call) ?? notFound();
  },
};

const known = (call: Call, place: Place): boolean =>
  call.gitlab.resources
    .in("environments", place.key)
    .some(({ values }) => values["name"] === call.params.text("environment"));

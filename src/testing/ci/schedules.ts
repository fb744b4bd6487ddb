import { randomBytes } from "node:crypto";
import { forbidden, json, refuse, type Call, type Handlers } from "../server/handler.js";
import { role } from "../state/records.js";
import { underProject, underRecord, type Place } from "../resources/engine/places.js";
import { findRecord, presentRecord, resourceHandlers, type Resource } from "../resources/engine/resource.js";
import { wordOf } from "../resources/engine/fill.js";
import { createPipeline } from "./pipeline-creation.js";

const schedules: Resource = {
  name: "pipeline_schedules",
  path: "/projects/{id}/pipeline_schedules",
  item: "pipeline_schedule_id",
  missing: "Pipeline Schedule",
  under: underProject,
  roles: { read: role.guest, write: role.developer },
  defaults: { active: true, cron_timezone: "UTC", inputs: [] },
  write: (values, _call, place) => {
    const cron = wordOf(values["cron"]);
    const ref = wordOf(values["ref"]);
    if (cron !== undefined && cron.trim().split(/\s+/).length !== 5) {
      refuse(400, { message: { cron: [" is invalid syntax"] } });
    }
    const name = (ref ?? "").replace(/^refs\/(?:heads|tags)\//, "");
    if (ref !== undefined && place.project?.repository.resolve(name) === undefined) {
      refuse(400, { message: { ref: ["is ambiguous"] } });
    }
    return ref === undefined ? values : { ...values, ref: `refs/heads/${name}` };
  },
  present: (record, call) => ({
    next_run_at: new Date(call.gitlab.now().getTime() + 3_600_000).toISOString(),
    variables: call.gitlab.resources
      .in("pipeline_schedule_variables", `pipeline_schedules/${String(record.id)}`)
      .map(({ values }) => ({ variable_type: "env_var", ...values })),
  }),
};

const scheduleVariables: Resource = {
  name: "pipeline_schedule_variables",
  path: "/projects/{id}/pipeline_schedules/{pipeline_schedule_id}/variables",
  item: "key",
  key: "key",
  missing: "Pipeline Schedule Variable",
  operations: ["create", "update", "remove"],
  under: underRecord(underProject, "pipeline_schedules", "pipeline_schedule_id", "Pipeline Schedule"),
  roles: { write: role.developer },
  defaults: { variable_type: "env_var", raw: false },
  unique: { fields: ["key"], message: { key: ["has already been taken"] } },
  tellsRemoved: true,
};

const triggers: Resource = {
  name: "triggers",
  path: "/projects/{id}/triggers",
  item: "trigger_id",
  missing: "Trigger",
  under: underProject,
  roles: { read: role.maintainer, write: role.maintainer },
  defaults: { last_used: null, expires_at: null },
  write: (values, _call, _place, before) =>
    before === undefined ? { ...values, token: `glptt-${randomBytes(20).toString("hex")}` } : values,
};

/** Starts a pipeline for whoever has a trigger's token. */
function trigger(call: Call): ReturnType<typeof json> {
  const place = underProject(call);
  const token = call.params.text("token");
  const found = call.gitlab.resources.in("triggers", place.key).find(({ values }) => values["token"] === token);
  if (found === undefined || place.project === undefined) return refuse(404, "404 Not Found");
  found.values["last_used"] = call.gitlab.now().toISOString();
  const variables = Object.entries(call.params.nested("variables").entries()).map(([key, value]) => ({
    key,
    value: String(value),
    variable_type: "env_var",
  }));
  const ref = call.path["ref"] ?? call.params.text("ref") ?? "";
  return createPipeline(call, place.project, { ref, source: "trigger", userId: found.authorId, variables });
}

const scheduleOf = (call: Call): { place: Place; record: ReturnType<typeof findRecord> } => {
  const place = underProject(call);
  if (place.level < role.developer) forbidden();
  return { place, record: findRecord(schedules, call, place) };
};

/** Pipelines by the clock, and from outside. */
export const scheduleResources: Handlers = {
  ...resourceHandlers(schedules),
  ...resourceHandlers(scheduleVariables),
  ...resourceHandlers(triggers),
  "POST /projects/{id}/pipeline_schedules/{pipeline_schedule_id}/play": (call) => {
    const { place, record } = scheduleOf(call);
    const ref = String(record.values["ref"]).replace(/^refs\/heads\//, "");
    if (place.project !== undefined) {
      createPipeline(call, place.project, { ref, source: "schedule", userId: record.authorId, variables: [] });
    }
    return json({ message: "201 Created" }, 201);
  },
  "POST /projects/{id}/pipeline_schedules/{pipeline_schedule_id}/take_ownership": (call) => {
    const { place, record } = scheduleOf(call);
    Object.assign(record, { authorId: call.user?.id ?? record.authorId });
    return json(presentRecord(schedules, record, call, place), 201);
  },
  "POST /projects/{id}/trigger/pipeline": trigger,
  "POST /projects/{id}/ref/{ref}/trigger/pipeline": trigger,
};

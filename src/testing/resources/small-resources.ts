import { refuse, type Handlers } from "../server/handler.js";
import { role } from "../state/records.js";
import { underGroup, underIssue, underMergeRequest, underProject, type Under } from "./engine/places.js";
import { resourceHandlers, type Resource } from "./engine/resource.js";

/** GitLab keeps an emoji by its first name: https://docs.gitlab.com/user/emoji_reactions/ */
const otherNames: Readonly<Record<string, string>> = { "+1": "thumbsup", "-1": "thumbsdown" };

const reactions = (path: string, under: Under): Resource => ({
  name: "award_emoji",
  path,
  item: "award_id",
  missing: "Award Emoji",
  operations: ["list", "get", "create", "remove"],
  under,
  roles: { write: role.guest },
  ownChanges: true,
  write: (values, call, place) => {
    const sent = String(values["name"]);
    const name = otherNames[sent] ?? sent;
    // GitLab answers 404 to a reaction that somebody has given already.
    const given = call.gitlab.resources
      .in("award_emoji", place.key)
      .some((record) => record.values["name"] === name && record.authorId === call.user?.id);
    if (given) refuse(404, "404 Award Emoji Name has already been taken Not Found");
    if (!/^[\w+-]+$/.test(name)) refuse(404, "404 Award Emoji Name is not a valid emoji name Not Found");
    return { ...values, name };
  },
});

const featureFlags: Resource = {
  name: "feature_flags",
  path: "/projects/{id}/feature_flags",
  item: "feature_flag_name",
  key: "name",
  under: underProject,
  roles: { read: role.developer, write: role.developer },
  orderBy: "name",
  defaults: { active: true, version: "new_version_flag", description: null, strategies: [], scopes: [] },
  unique: { fields: ["name"], message: { name: ["has already been taken"] } },
  tellsRemoved: true,
};

const badges: Resource = {
  name: "badges",
  path: "/projects/{id}/badges",
  item: "badge_id",
  missing: "Badge",
  under: underProject,
  roles: { write: role.maintainer },
  present: ({ values }) => ({
    rendered_link_url: values["link_url"],
    rendered_image_url: values["image_url"],
    kind: "project",
  }),
};

const freezePeriods: Resource = {
  name: "freeze_periods",
  path: "/projects/{id}/freeze_periods",
  item: "freeze_period_id",
  under: underProject,
  roles: { read: role.reporter, write: role.maintainer },
  defaults: { cron_timezone: "UTC" },
};

const groupMilestones: Resource = {
  name: "group_milestones",
  path: "/groups/{id}/milestones",
  item: "milestone_id",
  under: underGroup,
  roles: { write: role.planner },
  newestFirst: true,
  defaults: { state: "active", description: "", due_date: null, start_date: null, expired: false },
  unique: { fields: ["title"], message: { title: ["already being used for another group or project milestone."] } },
  write: ({ state_event: event, ...values }) => ({
    ...values,
    ...(event === undefined ? {} : { state: event === "close" ? "closed" : "active" }),
  }),
  present: (record, call, place) => {
    const iid = call.gitlab.resources.in("group_milestones", place.key).indexOf(record) + 1;
    return { iid, web_url: `${place.webUrl}/-/milestones/${String(iid)}` };
  },
};

const groupLabels: Resource = {
  name: "group_labels",
  path: "/groups/{id}/labels",
  item: "name",
  key: "name",
  missing: "Label",
  under: underGroup,
  roles: { write: role.planner },
  orderBy: "name",
  defaults: { description: null, description_html: "", text_color: "#FFFFFF", archived: false, subscribed: false },
  unique: { fields: ["name"], status: 409, message: "Label already exists" },
  write: ({ new_name: name, ...values }) => ({ ...values, ...(name === undefined ? {} : { name }) }),
};

/** Resources with nothing special about them. */
export const smallResources: Handlers = Object.assign(
  {},
  ...[
    reactions("/projects/{id}/issues/{issue_iid}/award_emoji", underIssue),
    reactions("/projects/{id}/merge_requests/{merge_request_iid}/award_emoji", underMergeRequest),
    featureFlags,
    badges,
    freezePeriods,
    groupMilestones,
    groupLabels,
  ].map(resourceHandlers),
) as Handlers;

import { createHash, randomBytes } from "node:crypto";
import { findProject, requireRole } from "../../server/access.js";
import { empty, json, notFound, refuse, type Call, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import { wordOf } from "../engine/fill.js";
import { underGroup, underProject, type Under } from "../engine/places.js";
import { resourceHandlers, type Resource } from "../engine/resource.js";
import { groupEntity } from "../groups/group-entity.js";
import { addMember } from "../members/member-entity.js";
import { projectBasic } from "../projects/project-entity.js";
import { createPersonalToken } from "../users/personal-tokens.js";
import { createUser } from "../users/user-accounts.js";

const aYear = 365 * 86_400;

/** Tokens of a project or a group: each works, on behalf of a bot who is a member there. */
const accessTokens = (kind: "project" | "group", under: Under, least: number): Resource => ({
  name: "access_tokens",
  path: `/${kind}s/{id}/access_tokens`,
  item: "token_id",
  operations: ["list", "get", "create", "remove"],
  under,
  roles: { read: least, write: least },
  defaults: { revoked: false, active: true, description: null, last_used_at: null, access_level: role.maintainer },
  write: (values, call, place) => {
    const { gitlab } = call;
    const level = Number(values["access_level"] ?? role.maintainer);
    if (level > place.level)
      refuse(
        400,
        "400 Bad request - Access level of the token can't be greater the access level of the user who created the token",
      );
    const holder = place.project ?? place.group ?? notFound();
    const username = `${kind}_${String(holder.id)}_bot_${randomBytes(16).toString("hex")}`;
    const bot = createUser(gitlab, { username, name: wordOf(values["name"]) });
    bot.bot = true;
    addMember(gitlab, holder.members, bot.id, level);
    const now = gitlab.now();
    const until = Date.parse(wordOf(values["expires_at"]) ?? "");
    const expiresAt = Number.isNaN(until) ? new Date(now.getTime() + aYear * 1000) : new Date(until);
    const scopes = Array.isArray(values["scopes"]) ? values["scopes"].map(String) : [];
    const expiresInSeconds = (expiresAt.getTime() - now.getTime()) / 1000;
    const token = createPersonalToken(gitlab, { username, scopes, name: wordOf(values["name"]), expiresInSeconds });
    return { ...values, token, user_id: bot.id, expires_at: expiresAt.toISOString().slice(0, 10) };
  },
  // Only the answer to its creation has the token: the other answers' schema lacks it.
  present: (_record, _call, place) => ({
    resource_type: kind,
    resource_id: place.project?.id ?? place.group?.id,
    last_used_ips: [],
  }),
  after: (change, record, { gitlab }) => {
    const token = gitlab.tokens.get(wordOf(record.values["token"]) ?? "");
    if (change === "remove" && token !== undefined) token.revoked = true;
  },
});

/** People who are asked by mail. Whoever has an account with that address becomes a member at once. */
const invitations = (kind: "project" | "group", under: Under): Resource => ({
  name: "invitations",
  path: `/${kind}s/{id}/invitations`,
  item: "email",
  key: "invite_email",
  operations: ["list", "create", "update", "remove"],
  under,
  roles: { read: role.maintainer, write: role.maintainer },
  search: ["invite_email"],
  write: ({ email, user_id: ids, ...values }, call, place, before) => {
    if (before !== undefined) return values;
    const { gitlab } = call;
    const holder = place.project ?? place.group ?? notFound();
    const addresses = Array.isArray(email) ? email.map(String) : [];
    const users = [...gitlab.users.values()].filter(
      (user) => addresses.includes(user.email) || (wordOf(ids) ?? "").split(",").includes(String(user.id)),
    );
    if (addresses.length === 0 && users.length === 0)
      refuse(400, { error: "email, user_id are missing, at least one parameter must be provided" });
    for (const user of users) addMember(gitlab, holder.members, user.id, Number(values["access_level"]));
    const written = addresses
      .filter((address) => !users.some((user) => user.email === address))
      .map((address) => ({
        ...values,
        invite_email: address,
        invite_token: createHash("sha256").update(`${place.key} ${address}`).digest("hex").slice(0, 20),
        created_by_name: call.user?.name,
      }));
    const made = { by: call.user?.id ?? 0, at: gitlab.now() };
    for (const more of written.slice(0, -1)) gitlab.resources.add("invitations", place.key, more, made);
    return written.at(-1) ?? { joined: true };
  },
  present: (_record, call) => (call.method === "POST" ? { status: "success" } : {}),
  after: (change, record, { gitlab }) => {
    if (change === "create" && record.values["joined"] === true) gitlab.resources.remove("invitations", record);
  },
});

const allowed = (what: "project" | "group"): Resource => ({
  name: `job_token_${what}s`,
  path: `/projects/{id}/job_token_scope/${what === "project" ? "" : "groups_"}allowlist`,
  item: `target_${what}_id`,
  key: `target_${what}_id`,
  operations: ["list", "create", "remove"],
  under: underProject,
  roles: { read: role.maintainer, write: role.maintainer },
  unique: {
    fields: [`target_${what}_id`],
    message: `400 Bad request - This ${what} is already in the job token allowlist.`,
  },
  write: (values, { gitlab, user }) => {
    const id = Number(values[`target_${what}_id`]);
    const project = gitlab.projects.get(id);
    const group = gitlab.groups.get(id);
    const seen =
      what === "project"
        ? project !== undefined && gitlab.canSeeProject(user, project)
        : group !== undefined && gitlab.canSeeGroup(user, group);
    return seen ? values : notFound(what === "project" ? "Project" : "Group");
  },
  present: ({ values }, call, place) => {
    const id = Number(values[`target_${what}_id`]);
    if (call.method === "POST") return { source_project_id: place.project?.id };
    const { gitlab } = call;
    const [project, group] = [gitlab.projects.get(id), gitlab.groups.get(id)];
    if (what === "project") return project === undefined ? {} : projectBasic(gitlab, project);
    return group === undefined ? {} : groupEntity(gitlab, group);
  },
});

const scopeOf = (call: Call): Record<string, unknown> => {
  const project = findProject(call);
  requireRole(call, project, role.maintainer);
  return project.settings;
};

/** Who may act in a project besides its people: tokens, who is invited, jobs of other projects. */
export const accessResources: Handlers = {
  ...(Object.assign(
    {},
    ...[
      accessTokens("project", underProject, role.maintainer),
      accessTokens("group", underGroup, role.owner),
      invitations("project", underProject),
      invitations("group", underGroup),
      allowed("project"),
      allowed("group"),
    ].map(resourceHandlers),
  ) as Handlers),
  "GET /projects/{id}/job_token_scope": (call) =>
    json({ inbound_enabled: scopeOf(call)["ci_inbound_job_token"] !== false, outbound_enabled: false }),
  "PATCH /projects/{id}/job_token_scope": (call) => {
    scopeOf(call)["ci_inbound_job_token"] = call.params.flag("enabled") === true;
    return empty();
  },
};

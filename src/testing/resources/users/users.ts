import { requireUser } from "../../server/access.js";
import { forbidden, json, list, notFound, type Call, type Handlers } from "../../server/handler.js";
import type { UserRecord } from "../../state/records.js";
import { userBasic, userForAdmins, userProfile, userPublic } from "./user-entity.js";

/** People of the instance. */
export const userHandlers: Handlers = {
  getApiV4User: (call) => {
    const me = requireUser(call);
    return json(me.admin ? userForAdmins(call.gitlab, me) : userPublic(call.gitlab, me));
  },

  getApiV4UsersId: (call) => {
    requireUser(call);
    const user = call.gitlab.users.get(Number(call.path["id"])) ?? notFound("User");
    return json(call.user?.admin === true ? userForAdmins(call.gitlab, user) : userProfile(call.gitlab, user));
  },

  getApiV4Users: (call) => {
    const { params, gitlab } = call;
    // Without a token GitLab only answers for a name that is known already.
    if (call.user === undefined && !params.has("username")) return forbidden("Not authorized to access /api/v4/users");
    const tests = userTests(call);
    const order = params.text("order_by") ?? "id";
    const direction = params.text("sort") === "asc" ? 1 : -1;
    const key = (user: UserRecord): string | number =>
      order === "name"
        ? user.name.toLowerCase()
        : order === "username"
          ? user.username
          : order === "created_at"
            ? user.createdAt.getTime()
            : order === "updated_at"
              ? user.updatedAt.getTime()
              : user.id;
    const found = [...gitlab.users.values()]
      .filter((user) => tests.every((test) => test(user)))
      .sort((a, b) => direction * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.id - b.id));
    const admin = call.user?.admin === true;
    return list(found, (user) => (admin ? userForAdmins(gitlab, user) : { ...userBasic(gitlab, user) }), {
      keyset: (user) => user.id,
    });
  },
};

type Test = (user: UserRecord) => boolean;

function userTests(call: Call): Test[] {
  const { params, gitlab } = call;
  const tests: Test[] = [];
  const username = params.text("username")?.toLowerCase();
  if (username !== undefined) tests.push((user) => user.username.toLowerCase() === username);
  const search = params.text("search")?.toLowerCase();
  if (search !== undefined && search !== "") {
    // Names match in part; an address only whole, so that nobody can guess it letter by letter.
    tests.push(
      (user) =>
        user.name.toLowerCase().includes(search) ||
        user.username.includes(search) ||
        user.email.toLowerCase() === search,
    );
  }
  const email = params.text("public_email");
  if (email !== undefined) tests.push((user) => user.publicEmail === email);
  if (params.flag("active") === true) tests.push((user) => user.state === "active");
  if (params.flag("exclude_active") === true) tests.push((user) => user.state !== "active");
  if (params.flag("blocked") === true) tests.push((user) => user.state === "blocked");
  if (params.flag("humans") === true || params.flag("exclude_internal") === true) tests.push((user) => !user.bot);
  if (params.flag("exclude_humans") === true) tests.push((user) => user.bot);
  if (params.flag("external") === true) tests.push(() => false);
  if (params.flag("admins") === true && call.user?.admin === true) tests.push((user) => user.admin);
  if (params.flag("without_projects") === true) {
    const owners = new Set([...gitlab.projects.values()].map(({ namespaceId }) => namespaceId));
    tests.push((user) => !owners.has(user.namespaceId));
  }
  const after = Date.parse(params.text("created_after") ?? "");
  const before = Date.parse(params.text("created_before") ?? "");
  tests.push(({ createdAt }) => !(createdAt.getTime() < after) && !(createdAt.getTime() > before));
  return tests;
}

import { invalid, refuse, type Handlers } from "../../server/handler.js";
import { role } from "../../state/records.js";
import { wordOf } from "../engine/fill.js";
import { underGroup, underProject, type Under } from "../engine/places.js";
import { resourceHandlers, type Resource } from "../engine/resource.js";

/** What a variable is unless somebody says otherwise. */
export const plainVariable = {
  variable_type: "env_var",
  protected: false,
  masked: false,
  hidden: false,
  raw: false,
  environment_scope: "*",
  description: null,
};

/** CI/CD variables of a project or a group. */
const variables = (kind: "project" | "group", under: Under, level: number): Resource => ({
  name: kind === "project" ? "variables" : "group_variables",
  path: `/${kind}s/{id}/variables`,
  item: "key",
  key: "key",
  missing: kind === "project" ? "Variable" : "GroupVariable",
  under,
  roles: { read: level, write: level },
  defaults: plainVariable,
  unique: {
    fields: ["key", "environment_scope"],
    message: ({ key }) => ({ key: [`(${String(key)}) has already been taken`] }),
  },
  // One key can have a value for each environment.
  choose: (found, { params }) => {
    const scope = params.nested("filter").text("environment_scope");
    const meant = found.filter(({ values }) => scope === undefined || values["environment_scope"] === scope);
    return meant.length > 1
      ? refuse(409, "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'")
      : meant[0];
  },
  write: ({ masked_and_hidden: hidden, filter: _filter, ...sent }, _call, _place, before) => {
    const written = hidden === true ? { ...sent, masked: true, hidden: true } : sent;
    const { key, value, masked, raw } = { ...plainVariable, ...before?.values, ...written } as Record<string, unknown>;
    if (key === "") invalid({ key: ["can't be blank", "can contain only letters, digits and '_'."] });
    if (!/^\w{1,255}$/.test(wordOf(key) ?? "")) invalid({ key: ["can contain only letters, digits and '_'."] });
    const maskable = raw === true ? /^\S{8,}$/ : /^[A-Za-z0-9_+=/@:.~-]{8,}$/;
    if (masked === true && !maskable.test(wordOf(value) ?? "")) invalid({ value: ["is invalid"] });
    return written;
  },
  present: ({ values }) => (values["hidden"] === true ? { value: null } : {}),
});

export const variableResources: Handlers = {
  ...resourceHandlers(variables("project", underProject, role.maintainer)),
  ...resourceHandlers(variables("group", underGroup, role.owner)),
};

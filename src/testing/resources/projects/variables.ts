import { findProject, requireRole } from "../../server/access.js";
import {
  created,
  empty,
  invalid,
  json,
  list,
  notFound,
  refuse,
  type Call,
  type Handlers,
} from "../../server/handler.js";
import { role, type ProjectRecord, type VariableRecord } from "../../state/records.js";

/** CI/CD variables of a project. */
export const variableHandlers: Handlers = {
  getApiV4ProjectsIdVariables: (call) => list(variablesOf(call, administered(call)), variableEntity),

  getApiV4ProjectsIdVariablesKey: (call) => json(variableEntity(findVariable(call, administered(call)))),

  postApiV4ProjectsIdVariables: (call) => {
    const project = administered(call);
    const { params } = call;
    const hidden = params.flag("masked_and_hidden") ?? false;
    const variable: VariableRecord = {
      projectId: project.id,
      key: params.text("key") ?? "",
      value: params.text("value") ?? "",
      variableType: params.text("variable_type") === "file" ? "file" : "env_var",
      protected: params.flag("protected") ?? false,
      masked: hidden || (params.flag("masked") ?? false),
      hidden,
      raw: params.flag("raw") ?? false,
      environmentScope: params.text("environment_scope") ?? "*",
      description: params.text("description") ?? null,
    };
    check(variable, variablesOf(call, project));
    call.gitlab.variables.push(variable);
    return created(variableEntity(variable));
  },

  putApiV4ProjectsIdVariablesKey: (call) => {
    const project = administered(call);
    const variable = findVariable(call, project);
    const { params } = call;
    const changed: VariableRecord = {
      ...variable,
      value: params.text("value") ?? variable.value,
      variableType: params.has("variable_type")
        ? params.text("variable_type") === "file"
          ? "file"
          : "env_var"
        : variable.variableType,
      protected: params.flag("protected") ?? variable.protected,
      masked: params.flag("masked") ?? variable.masked,
      raw: params.flag("raw") ?? variable.raw,
      environmentScope: params.text("environment_scope") ?? variable.environmentScope,
      description: params.given("description") ? (params.text("description") ?? null) : variable.description,
    };
    check(
      changed,
      variablesOf(call, project).filter((other) => other !== variable),
    );
    Object.assign(variable, changed);
    return json(variableEntity(variable));
  },

  deleteApiV4ProjectsIdVariablesKey: (call) => {
    const variable = findVariable(call, administered(call));
    const { variables } = call.gitlab;
    variables.splice(variables.indexOf(variable), 1);
    return empty();
  },
};

function administered(call: Call): ProjectRecord {
  const project = findProject(call);
  requireRole(call, project, role.maintainer);
  return project;
}

const variablesOf = ({ gitlab }: Call, project: ProjectRecord): VariableRecord[] =>
  gitlab.variables.filter(({ projectId }) => projectId === project.id);

/** One key can have a value for each environment: `filter[environment_scope]` says which one is meant. */
function findVariable(call: Call, project: ProjectRecord): VariableRecord {
  const scope = call.params.nested("filter").text("environment_scope");
  const found = variablesOf(call, project).filter(
    ({ key, environmentScope }) => key === call.path["key"] && (scope === undefined || environmentScope === scope),
  );
  if (found.length > 1) {
    refuse(409, "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'");
  }
  return found[0] ?? notFound("Variable");
}

function check(variable: VariableRecord, others: readonly VariableRecord[]): void {
  const { key, value, masked, raw } = variable;
  if (key === "") invalid({ key: ["can't be blank", "can contain only letters, digits and '_'."] });
  if (!/^\w{1,255}$/.test(key)) invalid({ key: ["can contain only letters, digits and '_'."] });
  if (others.some((other) => other.key === key && other.environmentScope === variable.environmentScope)) {
    invalid({ key: [`(${key}) has already been taken`] });
  }
  const maskable = raw ? /^\S{8,}$/ : /^[A-Za-z0-9_+=/@:.~-]{8,}$/;
  if (masked && !maskable.test(value)) invalid({ value: ["is invalid"] });
}

const variableEntity = (variable: VariableRecord): Record<string, unknown> => ({
  variable_type: variable.variableType,
  key: variable.key,
  value: variable.hidden ? null : variable.value,
  hidden: variable.hidden,
  protected: variable.protected,
  masked: variable.masked,
  raw: variable.raw,
  environment_scope: variable.environmentScope,
  description: variable.description,
});

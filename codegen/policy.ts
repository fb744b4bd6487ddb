import { leadsElsewhere, textOf, type Request } from "../src/policy/parameter-words.js";
import type { ParameterModel } from "./model.js";

/** What policies know of a parameter; the manifest's own words win. */
export function withPolicy(request: Request, parameter: ParameterModel): ParameterModel {
  const reach = parameter.reach ?? (leadsElsewhere(parameter) ? "out" : undefined);
  const text = parameter.text ?? textOf(request, parameter);
  return { ...parameter, ...(reach && { reach }), ...(text && { text }) };
}

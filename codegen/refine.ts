import type { Addition, Refinement } from "./manifest.js";
import type { Facts, InputType, ParameterModel } from "./model.js";

/** A parameter as the manifest describes it: what tools inherit, and over that what the tool says itself. */
export function refine(parameter: ParameterModel, inherited: Refinement, own: Refinement): ParameterModel {
  const said: Refinement = { ...inherited, ...own };
  const type = retyped(parameter.type, said);
  const { keyword, list: style, ...others } = parameter;
  const { ref = parameter.ref, iid = parameter.iid } = said;
  // How a list is sent says nothing of what the manifest makes a single value.
  const holdsList = ["list", "array", "object", "record"].includes(type.kind);
  const list = holdsList ? (said.list ?? style) : undefined;
  const isReference = ref !== undefined && type.kind !== "list";
  const kind = isReference ? "reference" : iid !== undefined && type.kind === "integer" ? "iid" : undefined;
  return {
    ...others,
    required: said.fill === undefined && (said.required ?? parameter.required),
    ...(said.fill !== undefined && { fill: said.fill }),
    ...(said.clear !== undefined && { clear: said.clear }),
    ...(ref && { ref }),
    ...(iid && { iid }),
    ...(list && { list }),
    ...(holdsList && keyword && { keyword }),
    ...policyOf(said),
    type: kind === undefined ? withFacts(type, factsOf(said)) : { kind, facts: factsOf(said) },
  };
}

/** What the manifest says for policies and refusals. */
function policyOf({ reach, by, widens, text, sign, finder, since, within, once }: Refinement): Partial<ParameterModel> {
  return {
    ...(reach && { reach }),
    ...(by && { by }),
    ...(widens && { widens }),
    ...(text && { text }),
    ...(sign && { sign }),
    ...(finder !== undefined && { finder }),
    ...(since !== undefined && { since }),
    ...(within && { within }),
    ...(once && { once }),
  };
}

/** A parameter of ours. */
export function added(name: string, addition: Addition, inherited: Refinement = {}): ParameterModel {
  const { description } = inherited;
  const type = retyped({ kind: "text", facts: {} }, addition);
  return {
    name,
    wire: name,
    in: "local",
    required: addition.required ?? false,
    ...(addition.marks !== undefined && { marks: addition.marks }),
    ...(addition.once && { once: addition.once }),
    type: withFacts(type, { ...(description && { description }), ...factsOf(addition) }),
  };
}

function retyped(type: InputType, said: Refinement | Addition): InputType {
  const { facts } = type;
  const item = said.enum && choiceOf(said.enum);
  if (item) return type.kind === "list" ? { ...type, item } : { ...item, facts };
  if (said.format) return { kind: said.format === "date" ? "date" : "dateTime", facts };
  switch (said.type) {
    case undefined:
      return type;
    case "string":
      return { kind: "text", facts };
    default:
      return { kind: said.type, facts };
  }
}

export function choiceOf(values: readonly (string | number)[]): InputType | undefined {
  const [number, ...numbers] = values.filter((value) => typeof value === "number");
  if (number !== undefined && numbers.length === values.length - 1)
    return { kind: "integerChoice", values: [number, ...numbers], facts: {} };
  const [word, ...words] = values.map(String);
  return word === undefined ? undefined : { kind: "choice", values: [word, ...words], facts: {} };
}

function withFacts(type: InputType, facts: Facts): InputType {
  return { ...type, facts: { ...type.facts, ...facts } };
}

export function factsOf(
  said: Pick<Refinement, "description" | "default" | "minimum" | "maximum" | "minLength" | "maxLength" | "pattern">,
): Facts {
  const { description, default: assumed, minimum, maximum, minLength, maxLength, pattern } = said;
  return {
    ...(description !== undefined && { description }),
    ...(assumed !== undefined && { default: assumed }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(pattern !== undefined && { pattern }),
  };
}

import type { Witness } from "../definition/definition.js";

/** The parameter in which callers say what they have seen. */
export const witnessName = ({ field }: Pick<Witness, "field">): string => `expected_${field}`;

import type { AnswerFields } from "../fields.js";
import { header, object } from "./source.js";

/** `fields.ts`: what is known of an answer's fields by their names. */
export const fieldsModule = (fields: AnswerFields): string => `${header}
/** What is known of an answer's fields by their names, from spec/fields.yaml. */
export const fields = ${object(fields, 1)};
`;

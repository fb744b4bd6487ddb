import { isPlain } from "../../views/depth.js";
import type { WireRequest } from "../../http/wire.js";
import type { LostCreate, ToolDefinition } from "../../definition/definition.js";

/** What was sent, by its name on the wire; what is in a GraphQL text's variables by its path, such as `input.title`. */
export type Sent = Readonly<Record<string, unknown>>;

/** What a create sent, and what GitLab takes where nothing was. */
export function sentBy({ graphql, lost }: ToolDefinition, { pathParameters, query, body }: WireRequest): Sent {
  const sent = graphql ? flat(body?.["variables"]) : flat({ ...pathParameters, ...query, ...body });
  return { ...filled(lost?.assume ?? {}, sent), ...sent };
}

/** Members of objects by their paths, beside the objects themselves. */
function flat(value: unknown, path = ""): Record<string, unknown> {
  // A file is no such object.
  if (!isPlain(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => [
      [`${path}${name}`, part],
      ...Object.entries(flat(part, `${path}${name}.`)),
    ]),
  );
}

export const asText = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

/** A field, and the text that stands there. */
export type FieldText = readonly [field: string, text: string];

/** What it is known by. */
export const expectedOf = ({ match = {} }: LostCreate, sent: Sent): readonly FieldText[] =>
  Object.entries(match).map(([name, field]) => [field, asText(sent[name])]);

/** What tells it from others that are known by the same. */
export const apartBy = ({ also = {} }: LostCreate, sent: Sent): readonly FieldText[] =>
  Object.entries(also).flatMap(([name, field]): FieldText[] =>
    sent[name] === undefined ? [] : [[field, asText(sent[name])]],
  );

/** How a create is looked for, where its answer can be told from others: quick actions are gone from a text that had them. */
export function lookableBy(definition: ToolDefinition, sent: Sent): LostCreate | undefined {
  const { lost, parameters } = definition;
  if (!lost?.match) return undefined;
  if ([...(lost.unless ?? []), "created_at"].some((name) => sent[name] !== undefined)) return undefined;
  const texts = Object.entries(parameters).filter(([, { text }]) => text === "markdown");
  const acts = texts.some(([name, place]) => /^\s*\//m.test(asText(sent[place.name ?? name])));
  const missing = Object.keys(lost.match).some((name) => sent[name] === undefined || Array.isArray(sent[name]));
  return acts || missing ? undefined : lost;
}

/** `{name}` in texts by what was sent; what names nothing that was sent is left out. */
export function filled(texts: Readonly<Record<string, string>>, sent: Sent): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => {
      const names = [...text.matchAll(/\{([\w.]+)\}/g)].map(([, one = ""]) => one);
      if (names.some((one) => sent[one] === undefined)) return [];
      return [[name, text.replace(/\{([\w.]+)\}/g, (_, one: string) => asText(sent[one]))]];
    }),
  );
}

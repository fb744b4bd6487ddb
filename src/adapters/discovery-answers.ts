import type { ToolDefinition } from "../definition/definition.js";
import type { Values } from "../tools/validate.js";
import { curatedSchema } from "../tools/json-schema.js";
import type { ToolSearch } from "./discovery-search.js";
import { discoveryNames } from "./discovery-tools.js";
import { firstFound, firstSentence, shownGroups } from "./first-found.js";
import { show } from "./show.js";
import type { Showing, ToolAnswer } from "./toolbox-types.js";

/** What a call brought back, for the model. */
export type DiscoveryAnswer = Omit<ToolAnswer, "images"> & Partial<Pick<ToolAnswer, "images">>;

const usual = 5;

/** Tools for a request: the first with its input and an example, so that it can be called at once. */
export function found(search: ToolSearch, { query, limit }: Values, showing: Showing): DiscoveryAnswer {
  const tools = search(String(query), typeof limit === "number" ? Math.min(limit, 20) : usual);
  const [first, ...others] = tools;
  if (!first) {
    const text =
      "No tool is about that. Ask with other words: what it is about (issues, pipelines …) and what is to be done.";
    return { text, structured: { tools: [] }, isError: false };
  }
  const best = firstFound(show(first, showing, curatedSchema(first)), shownGroups(first, first.required_one, 1));
  const rest = others.map(({ name, description, access }) => ({
    name,
    access,
    description: firstSentence(description),
  }));
  const text = [
    `${best.name} (${best.access}): ${best.description}`,
    ...Object.entries(best.input).map(([name, type]) => `  ${name}: ${type}`),
    `  example: ${JSON.stringify({ name: best.name, input: best.example })}`,
    ...(rest.length > 0 ? [`Others, to be read about with ${discoveryNames.describe} first:`] : []),
    ...rest.map(({ name, access, description }) => `${name} (${access}): ${description}`),
  ].join("\n");
  return { text, structured: { tools: [best, ...rest] }, isError: false };
}

/** A tool's input schema, and what is to be known beside it. */
export function described(definition: ToolDefinition, showing: Showing): DiscoveryAnswer {
  const { tier, exclusive, required_one } = definition;
  const { name, description, access, inputSchema } = show(definition, showing, curatedSchema(definition));
  const structured = {
    name,
    description,
    access,
    ...(tier && { needs: `GitLab ${tier}` }),
    inputSchema,
    ...(exclusive && { at_most_one_of: shownGroups(definition, exclusive, 2) }),
    ...(required_one && { at_least_one_of: shownGroups(definition, required_one, 1) }),
  };
  return { text: JSON.stringify(structured), structured, isError: false };
}

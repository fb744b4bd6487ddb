import { gatewayDocument } from "../../src/serve/document.js";
import { operations } from "../../src/serve/operations/index.js";
import { pythonModels } from "./python-models.js";
import { pythonOperations, type Parameter, type PythonOperation } from "./python-operations.js";
import { nameOf, type Schema } from "./python-types.js";

interface Content {
  readonly content: { readonly "application/json": { readonly schema: Schema } };
}

/** What is read here of an operation in the document. */
interface Described {
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: { readonly "200": Content };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The files that are made of the gateway's operations, by path. */
export function gatewayFiles(): ReadonlyMap<string, string> {
  const text = JSON.stringify(gatewayDocument(), undefined, 2);
  const { paths, components } = JSON.parse(text) as Document;
  const schemaOf = ({ content }: Content): Schema => content["application/json"].schema;
  const described = operations.map(({ id, method, path, repeat }): PythonOperation => {
    const known = paths[path]?.[method.toLowerCase()];
    if (!known) throw new Error(`${id} is not in the document.`);
    const body = known.requestBody && schemaOf(known.requestBody);
    return {
      ...{ id, method, path, repeat, summary: known.summary, parameters: known.parameters ?? [] },
      body: body?.$ref === undefined ? body : components.schemas[nameOf(body.$ref)],
      answer: nameOf(schemaOf(known.responses["200"]).$ref ?? ""),
    };
  });
  const answers = [...new Set(described.map(({ answer }) => answer))];
  return new Map([
    ["docs/gateway.openapi.json", `${text}\n`],
    ["clients/python/gitlab_agent_tools/_models.py", pythonModels(components.schemas, answers)],
    ["clients/python/gitlab_agent_tools/_operations.py", pythonOperations(described)],
  ]);
}

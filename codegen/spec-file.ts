import { join } from "node:path";
import * as z from "zod";
import { readText } from "./files.js";
import { refuse } from "./problem.js";
import { schemaProblems } from "./schema-problems.js";
import { YamlSource } from "./yaml-source.js";

/** What a file of `spec/` says, and where. */
export interface SpecFile<Data> {
  readonly source: YamlSource;
  readonly data: Data;
}

/**
 * Reads a file of `spec/`; undefined where a project has none.
 *
 * @throws {ProblemsError} with all that is wrong with its form
 */
export async function readSpecFile<Schema extends z.ZodType>(
  root: string,
  file: string,
  schema: Schema,
): Promise<SpecFile<z.output<Schema>> | undefined> {
  const text = await readText(join(root, file));
  if (text === undefined) return undefined;
  const source = new YamlSource(file, text);
  const parsed = schema.safeParse(source.value, { reportInput: true });
  if (parsed.success) return { source, data: parsed.data };
  refuse(schemaProblems(source, schema, parsed.error));
  return undefined;
}

/** The JSON Schema that editors check such a file with. */
export const editorSchema = (title: string, schema: z.ZodType): object => ({
  title: `${title} of gitlab-agent-tools`,
  ...z.toJSONSchema(schema, { io: "input", target: "draft-7" }),
});

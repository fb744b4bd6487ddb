import type { PresetModel } from "../presets.js";
import { format } from "./format.js";
import { asConst, data, documented, exportedConst, exportedType, object, print } from "./syntax.js";
import ts from "typescript";

const { factory } = ts;

/** `presets.ts`: tools for common jobs, by name. */
export function presetsModule(presets: readonly PresetModel[]): Promise<string> {
  const members = presets.map(({ name, ...facts }): [string, ts.Expression] => [name, data(facts)]);
  const all = exportedConst("presets", asConst(object(members, true)));
  const names = exportedType(
    "PresetName",
    factory.createTypeOperatorNode(
      ts.SyntaxKind.KeyOfKeyword,
      factory.createTypeQueryNode(factory.createIdentifier("presets")),
    ),
  );
  return format(
    print([
      documented(all, ["Tools for common jobs, from spec/presets.yaml."]),
      documented(names, ["The name of a preset."]),
    ]),
  );
}

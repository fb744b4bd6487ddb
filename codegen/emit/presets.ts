import type { PresetModel } from "../presets.js";
import type { Module } from "./modules.js";
import { data, exportedConst, exportedType, object, source } from "./source.js";

/** `presets.ts`: tools for common jobs, by name. */
export function presetsModule(presets: readonly PresetModel[]): Module {
  const members = object(presets.map(({ name, ...facts }) => [name, data(facts)]));
  return [
    exportedConst("presets", source(members, " as const"), "Tools for common jobs, from spec/presets.yaml."),
    exportedType("PresetName", "keyof typeof presets", "The name of a preset."),
  ];
}

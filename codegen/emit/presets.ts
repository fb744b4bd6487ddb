import type { PresetModel } from "../presets.js";
import { header, object } from "./source.js";

/** `presets.ts`: tools for common jobs, by name. */
export function presetsModule(presets: readonly PresetModel[]): string {
  const members = Object.fromEntries(presets.map(({ name, ...facts }) => [name, facts]));
  return `${header}
/** Tools for common jobs, from spec/presets.yaml. */
export const presets = ${object(members, 2)} as const;

/** The name of a preset. */
export type PresetName = keyof typeof presets;
`;
}

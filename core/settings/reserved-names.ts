/** Variables that configure SkillOS or Temporal: no secret of a skill, connector or trigger is read from them. */
import { SETTINGS } from './settings.ts';
import type { Setting } from './setting.ts';

const NAMES: ReadonlySet<string> = new Set(
  Object.values<Setting<unknown>>(SETTINGS).flatMap(({ variable, alias }) =>
    alias === undefined ? [variable] : [variable, alias],
  ),
);

/** Ignores case, because variables have none on Windows. */
export function isReservedName(name: string): boolean {
  const upper = name.toUpperCase();
  return upper.startsWith('TEMPORAL_') || NAMES.has(upper);
}

/** Line coverage of skills by their tests. */
import { stepsOf } from '../plans/plan.ts';
import type { SkillContent } from './skill-test.ts';
import type { SkillEntry } from '../skills/catalog.ts';
import type { JsonObject } from '../json.ts';

export interface FileCoverage {
  /** Path relative to the root. */
  readonly file: string;
  readonly executedLines: readonly number[];
  /** Number of lines with code. */
  readonly totalLines: number;
}

/** The document of `skillos test`: for a skill its own file, for a composition one entry per skill and the sum. */
export function coverageDocument(
  { entry, plan }: Pick<SkillContent, 'entry' | 'plan'>,
  files: readonly FileCoverage[],
): JsonObject & { readonly coverage_ratio: number } {
  if (entry.composition === undefined) return ofSkill(entry, files);
  const skills = new Map(stepsOf(plan).map((step) => [step.skill, step.entry]));
  const parts = [...skills.values()].map((part) => ofSkill(part, files));
  const executed = parts.reduce((sum, part) => sum + part.executed_lines.length, 0);
  const total = parts.reduce((sum, part) => sum + part.total_lines, 0);
  return {
    skill_id: entry.id,
    entrypoint: entry.manifest.entrypoint,
    total_lines: total,
    coverage_ratio: ratio(executed, total),
    skills: parts,
  };
}

function ofSkill({ id, manifest }: SkillEntry, files: readonly FileCoverage[]) {
  const { entrypoint } = manifest;
  const base = (entrypoint.split(':')[0] as string).replaceAll('.', '/');
  const found = files.find(({ file }) => file.startsWith(`${base}.`));
  const executed = found?.executedLines ?? [];
  const total = found?.totalLines ?? 0;
  return {
    skill_id: id,
    entrypoint,
    source_file: found?.file ?? base,
    executed_lines: executed,
    total_lines: total,
    coverage_ratio: ratio(executed.length, total),
  };
}

/** Rounded to three decimals. */
function ratio(executed: number, total: number): number {
  return total === 0 ? 0 : Math.round((executed / total) * 1000) / 1000;
}

import type { SkillEntry } from '../../../core/skills/catalog.ts';
import { coverageDocument } from '../../../core/testing/coverage.ts';
import { mapPlan } from '../../../core/plans/plan.ts';
import { parseSteps } from '../../../core/plans/plan-steps.ts';
import { aComposed, aSkill } from '../../support/builders.ts';

const A = aSkill('s/a', { entrypoint: 'implementations.s.a:run' });
const B = aSkill('s/b', { entrypoint: 'implementations.s.b:run' });
const FILES = [
  { file: 'implementations/s/a.ts', executedLines: [1, 3], totalLines: 3 },
  { file: 'implementations/s/ab.ts', executedLines: [], totalLines: 9 },
];

function contentOf(entry: SkillEntry, ...steps: readonly string[]) {
  const entries = new Map([A, B].map((each) => [each.id, each]));
  const plan = mapPlan(parseSteps(steps), ({ skill }) => ({
    skill,
    hash: 'h',
    entry: entries.get(skill) as SkillEntry,
  }));
  return { entry, plan };
}

const OF_A = {
  skill_id: 's/a',
  entrypoint: 'implementations.s.a:run',
  source_file: 'implementations/s/a.ts',
  executed_lines: [1, 3],
  total_lines: 3,
  coverage_ratio: 0.667,
};

describe('coverageDocument', () => {
  test('tells of the file of the skill', () => {
    expect(coverageDocument(contentOf(A, 's/a'), FILES)).toEqual(OF_A);
  });

  test('reports no executed lines for a file that was not loaded', () => {
    expect(coverageDocument(contentOf(B, 's/b'), FILES)).toMatchObject({
      source_file: 'implementations/s/b',
      executed_lines: [],
      total_lines: 0,
      coverage_ratio: 0,
    });
  });

  test('tells of each skill of a composition once, and of all together', () => {
    const entry = aComposed('c/one');
    expect(coverageDocument(contentOf(entry, 's/a|s/b', 's/a'), FILES)).toMatchObject({
      skill_id: 'c/one',
      total_lines: 3,
      coverage_ratio: 0.667,
      skills: [OF_A, { skill_id: 's/b' }],
    });
  });
});

import type { Plan, RequestedStep } from '../../../core/plans/plan.ts';
import { subjectOf } from '../../../core/plans/plan-title.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const step = (skill: string): Plan<RequestedStep> => ({ kind: 'step', step: { skill: parseSkillId(skill) } });

describe('subjectOf', () => {
  test.each<[string, Plan<RequestedStep>, string]>([
    ['one step', step('a/b'), 'a/b'],
    ['a sequence of one', { kind: 'sequence', plans: [step('a/b')] }, 'a/b'],
    ['two steps', { kind: 'sequence', plans: [step('a/b'), step('a/b')] }, 'pipeline'],
    ['a group', { kind: 'parallel', plans: [step('a/b'), step('c/d')] }, 'pipeline'],
    ['no step', { kind: 'sequence', plans: [] }, 'pipeline'],
  ])('of %s', (_what, plan, expected) => {
    expect(subjectOf({ plan })).toBe(expected);
  });
});

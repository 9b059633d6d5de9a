import type { Plan, RequestedStep } from '../../../core/plans/plan.ts';
import { subjectOf, titleOfPlan } from '../../../core/plans/plan-title.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

type Step = Plan<RequestedStep>;

const step = (skill: string): Step => ({ kind: 'step', step: { skill: parseSkillId(skill) } });

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

describe('titleOfPlan', () => {
  const sequence = (...plans: readonly Plan<RequestedStep>[]) => ({ kind: 'sequence', plans }) as const;
  const parallel = (...plans: readonly Plan<RequestedStep>[]) => ({ kind: 'parallel', plans }) as const;
  const [a, b, c, d, e] = ['x/a', 'x/b', 'x/c', 'x/d', 'x/e'].map(step) as [Step, Step, Step, Step, Step];

  test.each<[Plan<RequestedStep>, string]>([
    [a, 'x/a'],
    [sequence(a, b), 'x/a → x/b'],
    [parallel(a, b), 'x/a | x/b'],
    [sequence(a, parallel(b, c), d), 'x/a → x/b | x/c → x/d'],
    [parallel(sequence(a, b), c), '(x/a → x/b) | x/c'],
    [sequence(a, b, c, d), 'x/a → x/b → x/c → x/d'],
    [sequence(a, b, c, d, e, a), 'x/a → x/b → x/c → x/d → 2 more'],
    [parallel(a, b, c, d, e), 'x/a | x/b | x/c | x/d | 1 more'],
    [sequence(parallel(a, b), parallel(c, d, e), a), 'x/a | x/b → x/c | x/d → 2 more'],
    [sequence(), ''],
  ])('%j is %s', (plan, title) => {
    expect(titleOfPlan(plan)).toBe(title);
  });
});

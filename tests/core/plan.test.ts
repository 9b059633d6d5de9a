import { mapPlan, stepsOf } from '../../core/plan.ts';
import type { Plan } from '../../core/plan.ts';

const step = (name: string): Plan<string> => ({ kind: 'step', step: name });
const NESTED: Plan<string> = {
  kind: 'sequence',
  plans: [
    step('a'),
    { kind: 'parallel', plans: [step('b'), { kind: 'sequence', plans: [step('c'), step('d')] }] },
    step('a'),
  ],
};

describe('stepsOf', () => {
  test.each<[string, Plan<string>, readonly string[]]>([
    ['a step', step('a'), ['a']],
    ['a nested plan', NESTED, ['a', 'b', 'c', 'd', 'a']],
    ['an empty group', { kind: 'parallel', plans: [] }, []],
  ])('lists the steps of %s in the order of the plan', (_what, plan, expected) => {
    expect(stepsOf(plan)).toEqual(expected);
  });
});

describe('mapPlan', () => {
  test('keeps the shape and visits steps in the order of the plan', () => {
    let number = 0;
    expect(mapPlan(NESTED, (name) => `${name}${++number}`)).toEqual({
      kind: 'sequence',
      plans: [
        step('a1'),
        { kind: 'parallel', plans: [step('b2'), { kind: 'sequence', plans: [step('c3'), step('d4')] }] },
        step('a5'),
      ],
    });
  });
});

import {
  firstStepsOf,
  knownInput,
  lastStepsOf,
  mapPlan,
  stepsFrom,
  stepsOf,
} from '../../../core/plans/plan.ts';
import type { FrozenStep, Plan } from '../../../core/plans/plan.ts';
import { aStep } from '../../support/builders.ts';

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

describe('firstStepsOf', () => {
  test.each<[string, Plan<string>, readonly string[]]>([
    ['a step', step('a'), ['a']],
    ['a sequence', NESTED, ['a']],
    ['a group', { kind: 'parallel', plans: [NESTED, step('b')] }, ['a', 'b']],
    ['nothing', { kind: 'sequence', plans: [] }, []],
  ])('of %s', (_what, plan, expected) => {
    expect(firstStepsOf(plan)).toEqual(expected);
  });
});

describe('knownInput', () => {
  const given = { value: 'Sochi' };
  test.each([
    ['the payload of the run', {}, given, given],
    ['no input', {}, undefined, undefined],
    ['its own payload', { payload: { value: 1 } }, given, { value: 1 }],
    ['nothing that must be loaded', { payload: { ref: 'f', bytes: 1 } }, given, undefined],
  ])('is %s', (_what, owner, payload, expected) => {
    expect(knownInput(owner, payload)).toEqual(expected);
  });
});

describe('lastStepsOf', () => {
  const group = (...plans: readonly Plan<string>[]): Plan<string> => ({ kind: 'parallel', plans });

  test.each<[string, Plan<string>, readonly string[]]>([
    ['a step', step('a'), ['a']],
    ['a sequence', NESTED, ['a']],
    [
      'a sequence that ends in one',
      { kind: 'sequence', plans: [{ kind: 'sequence', plans: [step('z')] }] },
      ['z'],
    ],
    ['a group', group(step('a'), step('b')), ['a', 'b']],
    [
      'a sequence that ends in a group',
      { kind: 'sequence', plans: [step('z'), group(step('a'), step('b'))] },
      ['a', 'b'],
    ],
    ['a group that holds plans', group(step('a'), NESTED), []],
    ['a group of one, whose output is not the step’s', group(step('a')), []],
    ['nothing', { kind: 'sequence', plans: [] }, []],
  ])('of %s', (_what, plan, expected) => {
    expect(lastStepsOf(plan)).toEqual(expected);
  });
});

test('stepsFrom omits earlier steps', () => {
  const plan: Plan<FrozenStep> = {
    kind: 'sequence',
    plans: [1, 2, 3].map((number) => ({ kind: 'step', step: aStep({ number }) })),
  };
  expect(stepsFrom(plan).map(({ number }) => number)).toEqual([1, 2, 3]);
  expect(stepsFrom(plan, 2).map(({ number }) => number)).toEqual([2, 3]);
});

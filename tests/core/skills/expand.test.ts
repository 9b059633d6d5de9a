import type { SkillEntry } from '../../../core/skills/catalog.ts';
import { expand } from '../../../core/skills/expand.ts';
import { stepsOf } from '../../../core/plans/plan.ts';
import { parseSteps } from '../../../core/plans/plan-steps.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aComposed, aSkill } from '../../support/builders.ts';

const SKILLS = ['s/a', 's/b', 's/c'].map((id) => aSkill(id));

function entriesOf(...entries: readonly SkillEntry[]) {
  return new Map([...SKILLS, ...entries].map((entry) => [entry.id, entry]));
}

const NOBODY = { activated: undefined };

describe('expand', () => {
  test('leaves a plan of skills as it is', () => {
    const plan = parseSteps(['s/a', 's/b|s/c']);
    expect(expand(plan, entriesOf())).toEqual({ plan, compositions: [] });
  });

  test('leaves a skill that is not there for others to refuse', () => {
    const plan = parseSteps(['s/none']);
    expect(expand(plan, entriesOf())).toEqual({ plan, compositions: [] });
  });

  test('puts the steps of a composition in its place', () => {
    const entries = entriesOf(aComposed('c/one', { steps: ['s/a', ['s/b', 's/c']] }));
    expect(expand(parseSteps(['c/one']), entries)).toEqual({
      plan: parseSteps(['s/a', 's/b|s/c']),
      compositions: ['c/one'],
    });
  });

  test('goes on with compositions of compositions, each named once', () => {
    const entries = entriesOf(
      aComposed('c/inner', { steps: ['s/a', 's/b'] }),
      aComposed('c/outer', { steps: [['c/inner', 's/c'], 'c/inner'] }),
    );
    const { plan, compositions } = expand(parseSteps(['c/outer']), entries);
    expect(plan).toEqual({
      kind: 'sequence',
      plans: [
        { kind: 'parallel', plans: [parseSteps(['s/a', 's/b']), parseSteps(['s/c'])] },
        parseSteps(['s/a', 's/b']),
      ],
    });
    expect(compositions).toEqual(['c/outer', 'c/inner']);
  });

  test('gives a payload of its own to the steps that begin', () => {
    const entries = entriesOf(aComposed('c/one', { steps: [['s/a', 's/b'], 's/c'] }));
    const step = { skill: parseSkillId('c/one'), payload: { value: 'mine' } };
    const { plan } = expand({ kind: 'step', step }, entries);
    expect(stepsOf(plan)).toEqual([
      { skill: 's/a', payload: { value: 'mine' } },
      { skill: 's/b', payload: { value: 'mine' } },
      { skill: 's/c' },
    ]);
  });

  test.each([
    ['of itself', [aComposed('c/a', { steps: ['s/a', 'c/a'] })], 'c/a → c/a'],
    [
      'by way of others',
      [aComposed('c/a', { steps: ['c/b'] }), aComposed('c/b', { steps: [['s/a', 'c/a']] })],
      'c/a → c/b → c/a',
    ],
  ])('refuses a composition %s', (_, compositions, circle) => {
    expect(expand(parseSteps(['c/a']), entriesOf(...compositions)).failure).toEqual({
      code: 'composition_invalid',
      message: `Composition "c/a" contains itself: ${circle}`,
    });
  });

  test.each([
    ['was not activated', { ...NOBODY, active: false }, 'it was never activated'],
    ['was edited since', { ...NOBODY, active: true }, 'it was edited after its activation'],
  ])('refuses one that %s, at any depth', (_, fields, why) => {
    const inner = aComposed('c/inner', { steps: ['s/a'], version: '0.1.3', ...fields });
    const outer = aComposed('c/outer', { steps: ['s/b', 'c/inner', 's/c'] });
    expect(expand(parseSteps(['c/outer']), entriesOf(inner, outer)).failure).toEqual({
      code: 'composition_inactive',
      message: `Composition "c/inner" 0.1.3 is not active: ${why}`,
    });
  });

  test('takes an inactive one for a test', () => {
    const entries = entriesOf(aComposed('c/one', { steps: ['s/a'], active: false }));
    expect(expand(parseSteps(['c/one']), entries, { allowsInactive: true })).toEqual({
      plan: parseSteps(['s/a']),
      compositions: ['c/one'],
    });
  });

  test('stops before nested compositions exceed the step limit', () => {
    const levels = Array.from({ length: 20 }, (_, level) =>
      aComposed(`c/${level}`, { steps: Array(20).fill(level === 0 ? 's/a' : `c/${level - 1}`) }),
    );
    const { failure } = expand(parseSteps(['c/19']), entriesOf(...levels));
    expect(failure).toEqual({
      code: 'plan_too_large',
      message: 'Plan of more than 500 steps, including the steps of compositions',
    });
  });

  test('takes a plan of exactly as many', () => {
    const entries = entriesOf(aComposed('c/one', { steps: Array(250).fill('s/a') }));
    const { plan, failure } = expand(parseSteps(['c/one', 'c/one']), entries);
    expect([stepsOf(plan).length, failure]).toEqual([500, undefined]);
  });

  test('refuses compositions that are nested too deeply', () => {
    const levels = Array.from({ length: 40 }, (_, level) =>
      aComposed(`c/${level}`, { steps: [level === 0 ? 's/a' : `c/${level - 1}`] }),
    );
    expect(expand(parseSteps(['c/31']), entriesOf(...levels)).failure).toBeUndefined();
    expect(expand(parseSteps(['c/32']), entriesOf(...levels)).failure).toEqual({
      code: 'plan_too_large',
      message: 'Compositions below "c/32" are nested deeper than 32',
    });
  });
});

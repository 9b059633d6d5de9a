import { RUN_STATUSES, isInFlight, isSingle, onlyStep } from '../../core/run.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { termsOf } from '../../core/terms.ts';
import { aManifest, aRequest } from '../support/builders.ts';

describe('isInFlight', () => {
  test.each([
    ['queued', true],
    ['running', true],
    ['awaiting_approval', true],
    ['paused', true],
    ['success', false],
    ['error', false],
    ['blocked', false],
    ['cancelled', false],
  ] as const)('of %s is %s', (status, expected) => {
    expect(isInFlight(status)).toBe(expected);
    expect(RUN_STATUSES).toContain(status);
  });
});

test('RUN_STATUSES lists each status once', () => {
  expect(RUN_STATUSES).toHaveLength(8);
  expect(new Set(RUN_STATUSES).size).toBe(8);
});

describe('a request for one step', () => {
  const terms = termsOf(aManifest());
  const single = { ...aRequest({ plan: { kind: 'step', step: { skill: parseSkillId('a/b') } } }), terms };

  test('can be scheduled at once where its caller says under what terms', () => {
    const { terms: _, ...unknown } = single;
    expect(isSingle(single)).toBe(true);
    expect(isSingle(unknown)).toBe(false);
    expect(isSingle({ ...single, plan: { kind: 'sequence', plans: [single.plan] } })).toBe(false);
  });

  test('names its step before anything is decided', () => {
    expect(isSingle(single) && onlyStep(single)).toEqual({ number: 1, skill: 'a/b', ...terms });
  });
});

import type { JsonValue } from '../../core/json.ts';
import { hasTerms, seemsFree, termsOf } from '../../core/terms.ts';
import { aComposed, aManifest, aSkill, aStep } from '../support/builders.ts';

describe('termsOf', () => {
  test('takes them from the manifest', () => {
    expect(termsOf(aManifest({ name: 'Wipe', timeout: '5s', side_effects: 'read' }))).toEqual({
      name: 'Wipe',
      timeoutMs: 5000,
      retry: { maxAttempts: 3, initialMs: 1000, backoff: 2, maxIntervalMs: 60_000, nonRetryable: [] },
      repeatable: true,
    });
  });

  test('takes the number of attempts from a caller who says it', () => {
    expect(termsOf(aManifest(), 6).retry.maxAttempts).toBe(7);
  });
});

describe('seemsFree', () => {
  test.each<[string, ReturnType<typeof aSkill>, JsonValue, boolean]>([
    ['a skill of which nothing is known', aSkill('demo/echo'), 'hello', true],
    ['one that asks for a permission', aSkill('demo/echo', { permissions: ['x'] }), 'hello', false],
    ['one that destroys', aSkill('demo/echo', { side_effects: 'destructive' }), 'hello', false],
    ['one that is called so', aSkill('demo/wipe'), 'hello', false],
    ['a payload that speaks of destruction', aSkill('demo/echo'), { do: 'delete all users' }, false],
    ['a composition', aComposed('demo/both'), 'hello', false],
  ])('of %s', (_what, entry, payload, expected) => {
    expect(seemsFree(entry, payload)).toBe(expected);
  });
});

describe('hasTerms', () => {
  const step = aStep();

  test('is true whatever else the step holds, and in whatever order', () => {
    const { name, timeoutMs, retry, repeatable } = step;
    expect(hasTerms(step, { repeatable, retry: { ...retry }, timeoutMs, name })).toBe(true);
  });

  test.each([
    ['name', { name: 'Other' }],
    ['timeout', { timeoutMs: step.timeoutMs + 1 }],
    ['retries', { retry: { ...step.retry, nonRetryable: ['TypeError'] } }],
    ['safety', { repeatable: !step.repeatable }],
  ])('is false where the %s differs', (_what, other) => {
    expect(hasTerms(step, { ...step, ...other })).toBe(false);
  });
});

import type { JsonValue } from '../../../core/json.ts';
import { hasTerms, seemsUnrestricted, termsOf } from '../../../core/preparing/terms.ts';
import { aComposed, aManifest, aSkill, aStep } from '../../support/builders.ts';

describe('termsOf', () => {
  test('takes them from the manifest', () => {
    expect(termsOf(aManifest({ name: 'Wipe', timeout: '5s', side_effects: 'read' }))).toEqual({
      name: 'Wipe',
      timeoutMs: 5000,
      retry: { maxAttempts: 3, initialMs: 1000, backoff: 2, maxIntervalMs: 60_000, nonRetryable: [] },
      repeatable: true,
    });
  });

  test('limits how many run at once, if the manifest does', () => {
    expect(termsOf(aManifest({ concurrency: 2 }))).toMatchObject({ concurrency: 2 });
  });

  test('uses the attempts of the caller', () => {
    expect(termsOf(aManifest(), { maxRetries: 6 }).retry.maxAttempts).toBe(7);
  });

  test('pauses longer between the attempts of a job', () => {
    expect(termsOf(aManifest(), { job: {} }).retry).toMatchObject({
      initialMs: 5000,
      maxIntervalMs: 300_000,
    });
  });
});

describe('seemsUnrestricted', () => {
  test.each<[string, ReturnType<typeof aSkill>, JsonValue, boolean]>([
    ['a skill of which nothing is known', aSkill('demo/echo'), 'hello', true],
    ['one that asks for a permission', aSkill('demo/echo', { permissions: ['x'] }), 'hello', false],
    ['one that destroys', aSkill('demo/echo', { side_effects: 'destructive' }), 'hello', false],
    ['one that is called so', aSkill('demo/wipe'), 'hello', false],
    ['a payload that speaks of destruction', aSkill('demo/echo'), { do: 'delete all users' }, false],
    ['a composition', aComposed('demo/both'), 'hello', false],
  ])('of %s', (_what, entry, payload, expected) => {
    expect(seemsUnrestricted(entry, payload)).toBe(expected);
  });
});

describe('hasTerms', () => {
  const step = aStep();

  test('ignores other fields and their order', () => {
    const { name, timeoutMs, retry, repeatable } = step;
    expect(hasTerms(step, { repeatable, retry: { ...retry }, timeoutMs, name })).toBe(true);
  });

  test.each([
    ['name', { name: 'Other' }],
    ['timeout', { timeoutMs: step.timeoutMs + 1 }],
    ['retries', { retry: { ...step.retry, nonRetryable: ['TypeError'] } }],
    ['safety', { repeatable: !step.repeatable }],
    ['concurrency', { concurrency: 2 }],
  ])('is false if the %s differs', (_what, other) => {
    expect(hasTerms(step, { ...step, ...other })).toBe(false);
  });
});

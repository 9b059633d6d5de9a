import { asApplicationFailure } from '../../../activities/failures.ts';
import { deferred, isDeferred } from '../../../activities/fast-path/opening.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import type { Prepared } from '../../../core/runs/run.ts';
import { aReady, aRequirement } from '../../support/builders.ts';

describe('deferred', () => {
  test.each<[string, Prepared, string]>([
    [
      'a policy that blocks',
      { status: 'blocked', reason: 'budget_exceeded', policy: 'budget', message: 'no' },
      'budget_exceeded',
    ],
    [
      'invalid input',
      { status: 'error', failure: { code: 'input_invalid', message: 'wrong' } },
      'input_invalid',
    ],
    ['a required approval', aReady({ approval: aRequirement() }), 'approval_required'],
    ['a manifest that has changed', aReady(), 'plan_changed'],
  ])('names %s, and is not retried', (_what, prepared, type) => {
    const failure = deferred(prepared);
    expect(failure).toMatchObject({ type, nonRetryable: true, details: ['held_back'], stack: '' });
    expect(isDeferred(failure)).toBe(true);
  });

  test('differs from a failure of the step', () => {
    expect(isDeferred(asApplicationFailure(new SkillosError('approval_required', 'wait')))).toBe(false);
    expect(isDeferred(new Error('no'))).toBe(false);
  });
});

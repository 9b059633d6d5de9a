import { ApplicationFailure } from '@temporalio/common';
import { asApplicationFailure, heldBack, isHeldBack, reporting } from '../../activities/failures.ts';
import { SkillosError } from '../../core/errors.ts';
import type { Prepared } from '../../core/run.ts';
import { aReady, aRequirement } from '../support/builders.ts';

describe('asApplicationFailure', () => {
  test.each([
    [
      'a store that is away may be tried again',
      new SkillosError('storage_unreachable', 'away'),
      'storage_unreachable',
      false,
    ],
    ['a mistake is final', new SkillosError('input_invalid', 'wrong'), 'input_invalid', true],
    [
      'a skill that says so is final',
      new SkillosError('skill_failed', 'no', { details: { permanent: true } }),
      'skill_failed',
      true,
    ],
    [
      'a fault of ours is final, so that it shows',
      new TypeError('undefined is not a function'),
      'internal',
      true,
    ],
  ])('%s', (_, error, type, nonRetryable) => {
    expect(asApplicationFailure(error)).toMatchObject({ type, nonRetryable });
  });

  test('waits as long as the skill asked', () => {
    const error = new SkillosError('skill_failed', 'busy', { details: { retry_after_ms: 1500 } });
    expect(asApplicationFailure(error)).toMatchObject({ nextRetryDelay: 1500, nonRetryable: false });
  });

  test('leaves a failure in Temporal’s terms as it is', () => {
    const failure = ApplicationFailure.create({ type: 'outcome_unknown', message: 'lost' });
    expect(asApplicationFailure(failure)).toBe(failure);
  });
});

test('reporting rejects with what Temporal understands', async () => {
  const work = () => Promise.reject(new SkillosError('code_invalid', 'does not compile'));
  await expect(reporting(work)).rejects.toMatchObject({ type: 'code_invalid', nonRetryable: true });
});

describe('heldBack', () => {
  test.each<[string, Prepared, string]>([
    [
      'a policy that says no',
      { status: 'blocked', reason: 'budget_exceeded', policy: 'budget', message: 'no' },
      'budget_exceeded',
    ],
    ['a mistake', { status: 'error', failure: { code: 'input_invalid', message: 'wrong' } }, 'input_invalid'],
    ['people who are to be asked', aReady({ approval: aRequirement() }), 'approval_required'],
    ['other terms than the caller knew', aReady(), 'plan_changed'],
  ])('says that it was %s, and is final', (_what, prepared, type) => {
    const failure = heldBack(prepared);
    expect(failure).toMatchObject({ type, nonRetryable: true, details: ['held_back'], stack: '' });
    expect(isHeldBack(failure)).toBe(true);
  });

  test('is not taken for a failure of the step', () => {
    expect(isHeldBack(asApplicationFailure(new SkillosError('approval_required', 'wait')))).toBe(false);
    expect(isHeldBack(new Error('no'))).toBe(false);
  });
});

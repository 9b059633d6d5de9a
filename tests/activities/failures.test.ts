import { ApplicationFailure } from '@temporalio/common';
import { asApplicationFailure, convertingFailures } from '../../activities/failures.ts';
import { SkillosError } from '../../core/errors/errors.ts';

describe('asApplicationFailure', () => {
  test.each([
    [
      'a store that cannot be reached is tried again',
      new SkillosError('storage_unreachable', 'away'),
      'storage_unreachable',
      false,
    ],
    ['invalid input is not retried', new SkillosError('input_invalid', 'wrong'), 'input_invalid', true],
    [
      'a permanent error of a skill is not retried',
      new SkillosError('skill_failed', 'no', { details: { permanent: true } }),
      'skill_failed',
      true,
    ],
    ['a bug of SkillOS is not retried', new TypeError('undefined is not a function'), 'internal', true],
  ])('%s', (_, error, type, nonRetryable) => {
    expect(asApplicationFailure(error)).toMatchObject({ type, nonRetryable });
  });

  test('says why a bug of SkillOS came about', () => {
    const error = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED ::1:80') });
    expect(asApplicationFailure(error)).toMatchObject({
      message: 'Internal error: TypeError: fetch failed (caused by connect ECONNREFUSED ::1:80)',
    });
  });

  test('tells the number of attempts after the first', () => {
    const error = new SkillosError('skill_failed', 'no');
    expect(asApplicationFailure(error).details).toBeFalsy();
    expect(asApplicationFailure(error, 3).details).toEqual([{ attempts: 3 }]);
  });

  test('waits for as long as the skill asks', () => {
    const error = new SkillosError('skill_failed', 'busy', { details: { retry_after_ms: 1500 } });
    expect(asApplicationFailure(error)).toMatchObject({ nextRetryDelay: 1500, nonRetryable: false });
  });

  test('returns a failure of Temporal unchanged', () => {
    const failure = ApplicationFailure.create({ type: 'outcome_unknown', message: 'lost' });
    expect(asApplicationFailure(failure)).toBe(failure);
  });
});

test('convertingFailures rejects with a failure of Temporal', async () => {
  const work = () => Promise.reject(new SkillosError('code_invalid', 'does not compile'));
  await expect(convertingFailures(work)).rejects.toMatchObject({ type: 'code_invalid', nonRetryable: true });
});

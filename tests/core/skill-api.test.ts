import { PermanentError, RetryAfter } from '../../core/skill-api.ts';

test('PermanentError is recognised by name across copies of the class', () => {
  expect(new PermanentError('no such city')).toMatchObject({
    name: 'PermanentError',
    message: 'no such city',
  });
});

describe('RetryAfter', () => {
  test.each([
    [new RetryAfter(30), 'Try again in 30s'],
    [new RetryAfter(30, 'Busy'), 'Busy'],
  ])('has the retry time: %s', (error, message) => {
    expect(error).toMatchObject({ name: 'RetryAfter', seconds: 30, message });
  });
});

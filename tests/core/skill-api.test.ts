import { PermanentError, RetryAfter } from '../../core/skill-api.ts';

test('PermanentError is known by its name, also where its class is another', () => {
  expect(new PermanentError('no such city')).toMatchObject({
    name: 'PermanentError',
    message: 'no such city',
  });
});

describe('RetryAfter', () => {
  test.each([
    [new RetryAfter(30), 'Try again in 30s'],
    [new RetryAfter(30, 'Busy'), 'Busy'],
  ])('says when to try again: %s', (error, message) => {
    expect(error).toMatchObject({ name: 'RetryAfter', seconds: 30, message });
  });
});

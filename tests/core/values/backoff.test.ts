import { backoffMs } from '../../../core/values/backoff.ts';

const backoff = { firstMs: 100, maxMs: 1000 };

describe('backoffMs', () => {
  test.each([
    [0, 100],
    [1, 200],
    [3, 800],
    [4, 1000],
    [5000, 1000],
  ])('doubles the pause up to the maximum: attempt %i waits %i ms', (attempt, pauseMs) => {
    expect(backoffMs(backoff, attempt)).toBe(pauseMs);
  });

  test.each([
    [0, 100],
    [0.5, 200],
    [0.75, 250],
  ])('scales the pause by jitter %d to %i ms', (jitter, pauseMs) => {
    expect(backoffMs(backoff, 1, jitter)).toBe(pauseMs);
  });
});

import { RUN_STATUSES, isInFlight } from '../../../core/runs/run.ts';

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

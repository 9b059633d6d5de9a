import { sinceTime } from '../../../client/runs/since.ts';

const NOW = Date.parse('2026-01-02T00:00:00.000Z');

describe('sinceTime', () => {
  test.each([
    ['24h', '2026-01-01T00:00:00.000Z'],
    ['60', '2026-01-01T23:59:00.000Z'],
    ['2025-12-31', '2025-12-31T00:00:00.000Z'],
    ['2026-01-01T03:00:00+03:00', '2026-01-01T00:00:00.000Z'],
    ['yesterday', undefined],
    ['-5', undefined],
    ['May', undefined],
    ['2025-13-45', undefined],
    ['', undefined],
    ['999999999999d', undefined],
  ])('of %j is %s', (text, time) => {
    expect(sinceTime(text, NOW)).toBe(time);
  });
});

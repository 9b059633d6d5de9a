import { isoTime } from '../../core/iso-time.ts';

describe('isoTime', () => {
  test('is in UTC, to the millisecond', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(isoTime(1_793_361_599_999)).toBe('2026-10-30T11:59:59.999Z');
  });
});

import { isoTime, msOf } from '../../../core/values/iso-time.ts';

describe('isoTime', () => {
  test('is in UTC, to the millisecond', () => {
    expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(isoTime(1_793_361_599_999)).toBe('2026-10-30T11:59:59.999Z');
  });
});

describe('msOf', () => {
  test('round-trips with isoTime', () => {
    expect(msOf('2026-01-02T03:04:05.678Z')).toBe(1_767_323_045_678);
    expect(isoTime(msOf('2026-01-02T03:04:05.678Z'))).toBe('2026-01-02T03:04:05.678Z');
  });
});

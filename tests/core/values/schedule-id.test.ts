import { firedRunId, parseFiredRunId, parseScheduleId } from '../../../core/values/schedule-id.ts';

const AT = Date.parse('2027-01-18T05:00:00Z');

describe('firedRunId', () => {
  test.each([
    [{ tenant: 'default', schedule: 'nightly', at: AT, attempt: 1 }, 'nightly-2027-01-18T05:00:00Z'],
    [{ tenant: 'acme', schedule: 'nightly', at: AT, attempt: 1 }, 'acme.nightly-2027-01-18T05:00:00Z'],
    [{ tenant: 'acme', schedule: 'a-2027', at: AT, attempt: 2 }, 'acme.a-2027-2027-01-18T05:00:00Z-2'],
    [{ tenant: 'default', schedule: 'x', at: AT, attempt: 10 }, 'x-2027-01-18T05:00:00Z-10'],
  ])('%j is %s, and is read back', (run, expected) => {
    expect(firedRunId(run)).toBe(expected);
    expect(parseFiredRunId(expected)).toEqual(run);
  });

  test.each([
    'travel.search-01KB0000000000000000000000',
    'nightly-2027-01-18T05:00:00Z-1',
    'nightly-2027-01-18T05:00:00Z-0',
    'nightly-2027-13-18T05:00:00Z',
    'nightly-2027-01-18T05:00:00.000Z',
    'a.b.nightly-2027-01-18T05:00:00Z',
    'Nightly-2027-01-18T05:00:00Z',
    '',
  ])('%s is the id of no fired run', (runId) => {
    expect(parseFiredRunId(runId)).toBeUndefined();
  });
});

describe('parseScheduleId', () => {
  test.each(['a', 'nightly-report', '7', 'x'.repeat(63)])('takes %s', (text) => {
    expect(parseScheduleId(text)).toBe(text);
  });

  test.each(['', 'Nightly', 'a.b', 'a/b', '../../x', '-a', 'a b', 'a\0', 'x'.repeat(64), 'x'.repeat(300)])(
    'refuses %j',
    (text) => {
      const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
      expect(() => parseScheduleId(text)).toThrow(
        expect.objectContaining({
          code: 'invalid_schedule',
          message: `Invalid schedule id ${shown}: expected a-z 0-9 _ and -, at most 63, beginning with a letter or digit`,
        }),
      );
    },
  );
});

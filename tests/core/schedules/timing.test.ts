import { kindOf, parseExpressions, parseInterval } from '../../../core/schedules/timing.ts';
import { timingText } from '../../../core/schedules/timing-text.ts';
import type { Timing } from '../../../core/schedules/timing.ts';

describe('parseInterval', () => {
  test.each([
    ['1s', 1],
    ['10m', 600],
    ['1.5m', 90],
    ['36h', 129_600],
    ['366d', 31_622_400],
    ['2', 2],
    ['3000ms', 3],
  ])('reads %s as %i seconds', (text, expected) => {
    expect(parseInterval(text)).toBe(expected);
  });

  test.each([
    ['0', 'whole seconds between 1s and 366d'],
    ['999ms', 'whole seconds between 1s and 366d'],
    ['1500ms', 'whole seconds between 1s and 366d'],
    ['367d', 'whole seconds between 1s and 366d'],
    ['-1s', 'a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds)'],
    ['often', 'a duration such as 200ms, 2s, 10m, 1h or 7d (a bare number is seconds)'],
  ])('refuses %s', (text, expected) => {
    expect(() => parseInterval(text)).toThrow(
      expect.objectContaining({
        code: 'invalid_schedule',
        message: `Invalid --every "${text}": expected ${expected}`,
      }),
    );
  });
});

describe('parseExpressions', () => {
  test('reads each', () => {
    expect(parseExpressions(['@daily', '@hourly']).map(({ text }) => text)).toEqual(['@daily', '@hourly']);
  });

  test.each([[0], [21]])('refuses %i of them', (count) => {
    expect(() => parseExpressions(Array.from({ length: count }, () => '@daily'))).toThrow(
      `Invalid number of cron expressions: expected 1 to 20, got ${count}`,
    );
  });
});

describe('kindOf', () => {
  test.each([
    [{ runAt: '2027-01-01' }, 'at'],
    [{ every: '10m' }, 'every'],
    [{ cron: ['@daily', '@hourly'] }, 'cron'],
  ])('%j is %s', (request, expected) => {
    expect(kindOf(request)).toBe(expected);
  });

  test.each([
    [{}, 0],
    [{ cron: [] }, 0],
    [{ runAt: '2027-01-01', every: '10m' }, 2],
    [{ runAt: '2027-01-01', every: '10m', cron: ['@daily'] }, 3],
  ])('refuses %j', (request, count) => {
    expect(() => kindOf(request)).toThrow(
      `Invalid schedule: expected exactly one of --run-at, --cron and --every, got ${count}`,
    );
  });
});

describe('timingText', () => {
  test.each<[Timing, string]>([
    [{ kind: 'at', at: '2027-01-18T05:00:00Z' }, 'Once, at 2027-01-18T05:00:00Z'],
    [{ kind: 'every', seconds: 600 }, 'Every 10m'],
    [{ kind: 'every', seconds: 129_600 }, 'Every 36h'],
    [{ kind: 'every', seconds: 172_800 }, 'Every 2d'],
    [{ kind: 'every', seconds: 90 }, 'Every 90s'],
    [{ kind: 'cron', expressions: ['30 8 * * 1-5'] }, 'At 08:30, Monday through Friday, Europe/Berlin'],
    [{ kind: 'cron', expressions: ['@hourly'] }, 'Every hour, Europe/Berlin'],
    [
      { kind: 'cron', expressions: ['0 0 13 * 5'] },
      'At 00:00, on day 13 of the month; and also: At 00:00, only on Friday, Europe/Berlin',
    ],
    [
      { kind: 'cron', expressions: ['0 8 * * *', '0 12 * * sun'] },
      'At 08:00; At 12:00, only on Sunday, Europe/Berlin',
    ],
  ])('%j is "%s"', (timing, expected) => {
    expect(timingText(timing, 'Europe/Berlin')).toBe(expected);
  });
});

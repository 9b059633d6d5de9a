import { intlZones } from '../../../adapters/machine/zones.ts';
import { derivationDigest, derive, digestIn } from '../../../core/schedules/derivation.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import type { Zone } from '../../../core/schedules/zone.ts';
import { aRequest } from '../../support/builders.ts';

const { offsetAt } = intlZones.find('UTC') as Zone;
const NOW = Date.parse('2027-06-01T12:00:00Z');
const DAILY: Schedule = {
  id: 'daily',
  tenant: 'default',
  skill: 'ops/first',
  request: aRequest(),
  timing: { kind: 'cron', expressions: ['0 8 * * *'] },
  zone: 'UTC',
  overlap: 'skip',
  catchupSeconds: 3600,
  enabled: true,
  since: '2027-01-01T00:00:00Z',
  fired: [],
  firedCount: 0,
  skipped: [],
  createdAt: '2027-01-01T00:00:00Z',
};

describe('derive', () => {
  test('gives calendars in UTC to the end of the second year', () => {
    expect(derive(DAILY, NOW, offsetAt)).toMatchObject({
      times: {
        kind: 'calendars',
        calendars: [{ year: [{ start: 2027, end: 2029 }], hour: [{ start: 8, end: 8 }] }],
      },
      overlap: 'skip',
      catchupSeconds: 3600,
      jitterSeconds: 0,
      pauseOnFailure: false,
      isPaused: false,
      note: expect.stringMatching(/^SkillOS [0-9a-f]{16}$/),
    });
  });

  test('reaches three firings ahead', () => {
    const leap: Schedule = { ...DAILY, timing: { kind: 'cron', expressions: ['0 0 29 2 *'] } };
    expect(derive(leap, NOW, offsetAt).times).toMatchObject({
      calendars: [
        {
          year: [
            { start: 2028, end: 2028 },
            { start: 2032, end: 2032 },
            { start: 2036, end: 2036 },
          ],
        },
      ],
    });
  });

  test('begins in the year of a later start', () => {
    const later: Schedule = { ...DAILY, startAt: '2031-05-01T00:00:00Z' };
    expect(derive(later, NOW, offsetAt).times).toMatchObject({
      calendars: [{ year: [{ start: 2031, end: 2033 }] }],
    });
  });

  test.each<[Partial<Schedule>, object]>([
    [{ timing: { kind: 'every', seconds: 60 } }, { times: { kind: 'every', seconds: 60 } }],
    [
      { timing: { kind: 'at', at: '2027-07-01T00:00:00Z' } },
      { times: { kind: 'at', at: '2027-07-01T00:00:00Z' } },
    ],
    [{ enabled: false }, { isPaused: true }],
    [
      { times: 3, firedCount: 2 },
      { remaining: 1, isPaused: false },
    ],
    [
      { times: 3, firedCount: 4 },
      { remaining: 0, isPaused: true },
    ],
    [
      {
        startAt: '2027-01-01T00:00:00Z',
        endAt: '2028-01-01T00:00:00Z',
        jitterSeconds: 5,
        pauseOnFailure: true,
      },
      {
        startAt: '2027-01-01T00:00:00Z',
        endAt: '2028-01-01T00:00:00Z',
        jitterSeconds: 5,
        pauseOnFailure: true,
      },
    ],
    [{ note: 'for ann' }, { note: expect.stringMatching(/^SkillOS [0-9a-f]{16}: for ann$/) }],
  ])('%j', (change, expected) => {
    expect(derive({ ...DAILY, ...change }, NOW, offsetAt)).toMatchObject(expected);
  });

  test('has one digest over the year, and another for any change', () => {
    const digest = (change: Partial<Schedule>, now = NOW) =>
      derive({ ...DAILY, ...change }, now, offsetAt).digest;
    expect(digest({}, NOW + 86_400_000)).toBe(digest({}));
    expect(digest({ fired: [{ at: DAILY.since, runId: 'x', way: 'time' }] })).toBe(digest({}));
    expect(digest({ note: 'a' })).not.toBe(digest({}));
    expect(digest({ request: { ...DAILY.request, maxRetries: 2 } })).not.toBe(digest({}));
    expect(digest({ timing: { kind: 'cron', expressions: ['1 8 * * *'] } })).not.toBe(digest({}));
    expect(digest({}, NOW + 366 * 86_400_000)).not.toBe(digest({}));
  });

  test('has the digest that is known without its calendars, and another if the rules of the zone change', () => {
    expect(derive(DAILY, NOW, offsetAt).digest).toBe(derivationDigest(DAILY, NOW, offsetAt));
    const changed = (at: string) => {
      const minute = Date.parse(at);
      return derivationDigest(DAILY, NOW, (instant) => (instant < minute ? 0 : 3_600_000));
    };
    const digests = ['2028-03-01T01:00:00Z', '2028-03-01T01:01:00Z', '2099-01-01T00:00:00Z'].map(changed);
    expect(new Set(digests).size).toBe(3);
    expect(digests[2]).toBe(derivationDigest(DAILY, NOW, offsetAt));
  });
});

describe('digestIn', () => {
  test.each([
    ['SkillOS 0123456789abcdef', '0123456789abcdef'],
    ['SkillOS 0123456789abcdef: for ann', '0123456789abcdef'],
    ['SkillOS 0123', undefined],
    ['something else', undefined],
    [undefined, undefined],
  ])('of %j is %s', (note, expected) => {
    expect(digestIn(note)).toBe(expected);
  });
});

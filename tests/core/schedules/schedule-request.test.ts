import { intlZones } from '../../../adapters/machine/zones.ts';
import { parseScheduleRequest } from '../../../core/schedules/schedule-request.ts';
import type { ScheduleRequest } from '../../../core/schedules/schedule-request.ts';

const parse = (request: ScheduleRequest, zone = 'UTC') => parseScheduleRequest(request, intlZones, zone);

describe('parseScheduleRequest', () => {
  test.each<[ScheduleRequest, object]>([
    [
      { runAt: '2026-01-18T08:00:00+03:00' },
      {
        timing: { kind: 'at', at: '2026-01-18T05:00:00Z' },
        zone: 'UTC',
        overlap: 'skip',
        catchupSeconds: 3600,
      },
    ],
    [
      { every: '10m', timezone: 'europe/berlin', overlap: 'allow', catchup: '1d' },
      {
        timing: { kind: 'every', seconds: 600 },
        zone: 'Europe/Berlin',
        overlap: 'allow',
        catchupSeconds: 86_400,
      },
    ],
    [
      {
        cron: ['@daily', '0 12 * * *'],
        timezone: 'Europe/Berlin',
        startAt: '2027-01-01',
        endAt: '2027-07-01T00:00',
        times: '3',
        jitter: '30s',
      },
      {
        timing: { kind: 'cron', expressions: ['@daily', '0 12 * * *'] },
        zone: 'Europe/Berlin',
        overlap: 'skip',
        catchupSeconds: 3600,
        startAt: '2026-12-31T23:00:00Z',
        endAt: '2027-06-30T22:00:00Z',
        times: 3,
        jitterSeconds: 30,
      },
    ],
    [
      { runAt: '2027-01-02', startAt: '2027-01-01', endAt: '2027-01-03' },
      {
        timing: { kind: 'at', at: '2027-01-02T00:00:00Z' },
        zone: 'UTC',
        overlap: 'skip',
        catchupSeconds: 3600,
        startAt: '2027-01-01T00:00:00Z',
        endAt: '2027-01-03T00:00:00Z',
      },
    ],
  ])('%j', (request, expected) => {
    expect(parse(request)).toEqual(expected);
  });

  test('takes the zone of the settings where the request names none', () => {
    expect(parse({ runAt: '2027-01-01T00:00' }, 'Asia/Tokyo')).toMatchObject({
      timing: { kind: 'at', at: '2026-12-31T15:00:00Z' },
      zone: 'Asia/Tokyo',
    });
  });

  test.each<[ScheduleRequest, string]>([
    [
      { every: '10m', timezone: 'Mars/Base' },
      'Invalid --timezone "Mars/Base": expected an IANA time zone such as Europe/Berlin',
    ],
    [
      { every: '10m', timezone: 'x'.repeat(300) },
      `Invalid --timezone "${'x'.repeat(77)}...": expected an IANA time zone such as Europe/Berlin`,
    ],
    [
      { every: '10m', overlap: 'maybe' },
      'Invalid --overlap "maybe": expected skip, buffer-one, buffer-all, cancel-other, allow',
    ],
    [{ every: '10m', times: '0' }, 'Invalid --times "0": expected a whole number from 1 to 1000000'],
    [{ every: '10m', times: '-1' }, 'Invalid --times "-1": expected a whole number from 1 to 1000000'],
    [
      { every: '10m', times: '1000001' },
      'Invalid --times "1000001": expected a whole number from 1 to 1000000',
    ],
    [
      { every: '10m', catchup: 'soon' },
      'Invalid --catchup "soon": expected whole seconds between 10s and 366d',
    ],
    [{ every: '10m', catchup: '9s' }, 'Invalid --catchup "9s": expected whole seconds between 10s and 366d'],
    [
      { every: '10m', catchup: '367d' },
      'Invalid --catchup "367d": expected whole seconds between 10s and 366d',
    ],
    [
      { every: '10m', jitter: '1500ms' },
      'Invalid --jitter "1500ms": expected whole seconds between 0s and 366d',
    ],
    [
      { every: '10m', startAt: '2027-01-02', endAt: '2027-01-01' },
      'Invalid --end-at "2027-01-01": expected a time after --start-at',
    ],
    [
      { cron: ['0 0 1 1 *'], startAt: '2027-01-02', endAt: '2027-12-01' },
      'Invalid --end-at "2027-12-01T00:00:00Z": expected at least one firing between --start-at and --end-at',
    ],
    [
      { runAt: '2027-01-02', endAt: '2027-01-01' },
      'Invalid --end-at "2027-01-01T00:00:00Z": expected at least one firing between --start-at and --end-at',
    ],
    [
      { runAt: '2027-01-02', startAt: '2027-01-03' },
      'Invalid --start-at "2027-01-03T00:00:00Z": expected at least one firing between --start-at and --end-at',
    ],
  ])('refuses %j', (request, message) => {
    expect(() => parse(request)).toThrow(expect.objectContaining({ message, code: 'invalid_schedule' }));
  });
});

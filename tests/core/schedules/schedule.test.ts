import { intlZones } from '../../../adapters/machine/zones.ts';
import { dueFirings, missedFirings, refuseFiring } from '../../../core/schedules/due.ts';
import type { FiringToRun } from '../../../core/schedules/due.ts';
import {
  disabledSchedule,
  enabledSchedule,
  endedSchedule,
  firedSchedule,
  nextOf,
  skippedSchedule,
  statusOf,
} from '../../../core/schedules/schedule.ts';
import type { Fired, Schedule } from '../../../core/schedules/schedule.ts';
import type { Zone } from '../../../core/schedules/zone.ts';
import { aRequest } from '../../support/builders.ts';

const { offsetAt } = intlZones.find('UTC') as Zone;
const ms = (time: string) => Date.parse(time);
const iso = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');
const NOW = ms('2027-01-01T12:00:30Z');

const HOURLY: Schedule = {
  id: 'hourly',
  tenant: 'default',
  skill: 'ops/first',
  request: aRequest(),
  timing: { kind: 'cron', expressions: ['0 * * * *'] },
  zone: 'UTC',
  overlap: 'skip',
  catchupSeconds: 3 * 3600,
  enabled: true,
  since: '2027-01-01T00:00:00Z',
  fired: [],
  firedCount: 0,
  skipped: [],
  createdAt: '2027-01-01T00:00:00Z',
};
const ONCE: Schedule = { ...HOURLY, id: 'once', timing: { kind: 'at', at: '2026-01-18T05:00:00Z' } };

function fired(at: string, more: Partial<Fired> = {}): Fired {
  return { at, runId: `hourly-${at}`, way: 'time', ...more };
}

describe('dueFirings', () => {
  test.each<[string, Partial<Schedule>, readonly string[]]>([
    [
      'within the catch-up time',
      {},
      ['2027-01-01T10:00:00Z', '2027-01-01T11:00:00Z', '2027-01-01T12:00:00Z'],
    ],
    ['since it was enabled', { since: '2027-01-01T11:30:00Z' }, ['2027-01-01T12:00:00Z']],
    [
      'without those that fired or were skipped',
      { fired: [fired('2027-01-01T11:00:00Z')], skipped: [{ at: '2027-01-01T10:00:00Z' }] },
      ['2027-01-01T12:00:00Z'],
    ],
    [
      'whatever was triggered at that time',
      { catchupSeconds: 60, fired: [fired('2027-01-01T12:00:00Z', { way: 'trigger' })] },
      ['2027-01-01T12:00:00Z'],
    ],
    ['no more than are left', { times: 5, firedCount: 4 }, ['2027-01-01T10:00:00Z']],
    ['none past the number of times', { times: 5, firedCount: 6 }, []],
    ['none while disabled', { enabled: false }, []],
    ['none once removed', { isRemoved: true }, []],
    ['none before its start', { startAt: '2027-01-01T12:30:00Z' }, []],
  ])('gives those %s', (_, change, expected) => {
    expect(dueFirings({ ...HOURLY, ...change }, NOW, offsetAt).map(iso)).toEqual(expected);
  });

  test('gives a one-shot however late it is, once', () => {
    expect(dueFirings(ONCE, NOW, offsetAt).map(iso)).toEqual(['2026-01-18T05:00:00Z']);
    expect(dueFirings({ ...ONCE, fired: [fired('2026-01-18T05:00:00Z')] }, NOW, offsetAt)).toEqual([]);
  });
});

describe('refuseFiring', () => {
  const at = ms('2027-01-01T12:00:00Z');
  const runId = 'hourly-2027-01-01T12:00:00Z';
  const firing = { at, now: at + 1000, runId, hasRecord: false };
  const DAY = 86_400_000;

  test.each<[Partial<Schedule>]>([
    [{}],
    [{ enabled: false, fired: [fired('2027-01-01T12:00:00Z')] }],
    [{ fired: [fired('2027-01-01T12:00:00Z', { runId: 'hourly-2027-01-01T12:00:00Z-2', way: 'backfill' })] }],
  ])('lets it run: %j', (change) => {
    expect(refuseFiring({ ...HOURLY, ...change }, firing, offsetAt)).toBeUndefined();
  });

  test.each<[string, Schedule, Partial<FiringToRun>]>([
    ['30 days later', HOURLY, { now: at + 30 * DAY }],
    ['within a longer catch-up time', { ...HOURLY, catchupSeconds: 60 * 86_400 }, { now: at + 60 * DAY }],
    ['if the clock of the server is ahead', HOURLY, { now: at - 60_000 }],
    ['if the clock of the server is behind', { ...HOURLY, since: '2027-01-01T12:01:00Z' }, {}],
    [
      'with the request of the schedule',
      { ...HOURLY, request: { ...aRequest(), signature: 'present' } },
      { signature: 'present' },
    ],
    [
      'a one-shot, however late',
      { ...HOURLY, timing: { kind: 'at', at: '2027-01-01T12:00:00Z' } },
      { now: at + 900 * DAY },
    ],
    [
      'that ended and is repeated by its own execution',
      { ...HOURLY, fired: [fired('2027-01-01T12:00:00Z', { runId, end: 'success' })] },
      { hasRecord: true },
    ],
  ])('lets it run %s', (_, schedule, change) => {
    expect(refuseFiring(schedule, { ...firing, ...change }, offsetAt)).toBeUndefined();
  });

  test.each<[string, Schedule, Partial<FiringToRun>]>([
    ['The time 2027-01-01T12:00:00.000Z is more than 30 days ago', HOURLY, { now: at + 30 * DAY + 1 }],
    ['The time 2027-01-01T12:00:00.000Z has not come yet', HOURLY, { now: at - 60_001 }],
    [
      'The schedule has fired',
      { ...HOURLY, timing: { kind: 'at', at: '2027-01-01T12:00:00Z' }, firedCount: 1 },
      {},
    ],
    [
      'The run has ended',
      { ...HOURLY, fired: [fired('2027-01-01T12:00:00Z', { runId, end: 'success' })] },
      {},
    ],
    [
      'The request is not the present one of the schedule',
      { ...HOURLY, request: { ...aRequest(), signature: 'present' } },
      { signature: 'of a schedule that was removed' },
    ],
    ['SkillOS has not started this run', HOURLY, { runId: `${runId}-2` }],
    [
      'The schedule was added or enabled after 2027-01-01T12:00:00.000Z',
      { ...HOURLY, since: '2027-01-01T12:01:01Z' },
      {},
    ],
  ])('refuses a request that is sent again: %s', (message, schedule, change) => {
    const refused = refuseFiring(schedule, { ...firing, ...change }, offsetAt);
    expect(refused).toEqual({ code: 'schedule_refused', message });
  });

  test.each<[Schedule | undefined, string]>([
    [undefined, 'The schedule does not exist'],
    [{ ...HOURLY, isRemoved: true }, 'The schedule does not exist'],
    [{ ...HOURLY, enabled: false }, 'The schedule is disabled'],
    [{ ...HOURLY, times: 3, firedCount: 3 }, 'The schedule has fired 3 times'],
    [
      { ...HOURLY, fired: [fired('2027-01-01T12:00:00Z', { runId: 'hourly-2027-01-01T12:00:00Z-2' })] },
      'The schedule has fired for 2027-01-01T12:00:00.000Z',
    ],
    [
      { ...HOURLY, timing: { kind: 'every', seconds: 7 * 3600 } },
      'The schedule does not fire at 2027-01-01T12:00:00.000Z',
    ],
  ])('refuses %j', (schedule, message) => {
    expect(refuseFiring(schedule, firing, offsetAt)).toEqual({ code: 'schedule_refused', message });
  });
});

describe('missedFirings', () => {
  test('says which times had no run, and why, newest first', () => {
    const schedule: Schedule = {
      ...HOURLY,
      since: '2027-01-01T05:30:00Z',
      fired: [fired('2027-01-01T06:00:00Z')],
      skipped: [{ at: '2027-01-01T10:00:00Z' }, { at: '2027-01-01T11:00:00Z', because: 'hourly-x' }],
    };
    const flights = [
      { runId: 'a', from: ms('2027-01-01T06:00:00Z'), to: ms('2027-01-01T07:30:00Z') },
      { runId: 'b', from: ms('2027-01-01T11:30:00Z') },
    ];
    const missed = missedFirings(schedule, { now: NOW, flights, limit: 10 }, offsetAt);
    expect(missed.map((each) => Object.assign(each, { at: iso(each.at) }))).toEqual([
      { at: '2027-01-01T11:00:00Z', reason: 'overlap', runId: 'hourly-x' },
      { at: '2027-01-01T10:00:00Z', reason: 'overlap' },
      { at: '2027-01-01T09:00:00Z', reason: 'missed' },
      { at: '2027-01-01T08:00:00Z', reason: 'missed' },
      { at: '2027-01-01T07:00:00Z', reason: 'overlap', runId: 'a' },
    ]);
  });

  test('says that a buffered firing waits for the run in flight', () => {
    const flights = [
      { runId: 'a', from: ms('2027-01-01T09:30:00Z'), to: ms('2027-01-01T10:30:00Z') },
      { runId: 'b', from: ms('2027-01-01T10:30:00Z') },
    ];
    const schedule: Schedule = { ...HOURLY, overlap: 'buffer-all', since: '2027-01-01T09:30:00Z' };
    expect(missedFirings(schedule, { now: NOW, flights, limit: 2 }, offsetAt)).toEqual([
      { at: ms('2027-01-01T11:00:00Z'), reason: 'waiting', runId: 'b' },
      { at: ms('2027-01-01T10:00:00Z'), reason: 'overlap', runId: 'a' },
    ]);
  });

  test('leaves out what is still due, and keeps to the limit', () => {
    const missed = missedFirings(HOURLY, { now: NOW, flights: [], limit: 1 }, offsetAt);
    expect(missed.map(({ at }) => iso(at))).toEqual(['2027-01-01T09:00:00Z']);
  });
});

describe('statusOf', () => {
  test.each<[Schedule, string]>([
    [HOURLY, 'enabled'],
    [{ ...HOURLY, enabled: false }, 'disabled'],
    [{ ...HOURLY, times: 2, firedCount: 2 }, 'completed'],
    [{ ...HOURLY, times: 2, firedCount: 1 }, 'enabled'],
    [{ ...HOURLY, endAt: '2027-01-01T12:00:00Z' }, 'completed'],
    [{ ...HOURLY, endAt: '2027-01-01T12:30:00Z' }, 'enabled'],
    [ONCE, 'enabled'],
    [{ ...ONCE, enabled: false }, 'disabled'],
    [{ ...ONCE, fired: [fired('2026-01-18T05:00:00Z')] }, 'enabled'],
    [{ ...ONCE, fired: [fired('2026-01-18T05:00:00Z', { end: 'success' })] }, 'completed'],
    [{ ...ONCE, fired: [fired('2026-01-18T05:00:00Z', { end: 'blocked' })] }, 'failed'],
    [{ ...ONCE, fired: [fired('2026-01-18T05:00:00Z', { way: 'trigger', end: 'error' })] }, 'enabled'],
  ])('%#', (schedule, expected) => {
    expect(statusOf(schedule, NOW, offsetAt)).toBe(expected);
  });
});

describe('nextOf', () => {
  test.each<[Partial<Schedule>, readonly string[]]>([
    [{}, ['2027-01-01T13:00:00Z', '2027-01-01T14:00:00Z']],
    [{ times: 3, firedCount: 2 }, ['2027-01-01T13:00:00Z']],
    [{ times: 3, firedCount: 4 }, []],
  ])('%j', (change, expected) => {
    expect(nextOf({ ...HOURLY, ...change }, { from: NOW, count: 2 }, offsetAt).map(iso)).toEqual(expected);
  });
});

describe('changes', () => {
  test('enabling owes nothing of the time before, and changes nothing twice', () => {
    const off = disabledSchedule({ ...HOURLY, pausedBy: 'a' });
    expect(off).toEqual({ ...HOURLY, pausedBy: 'a', enabled: false });
    expect(disabledSchedule(off)).toBe(off);
    expect(enabledSchedule(off, NOW)).toEqual({ ...HOURLY, since: '2027-01-01T12:00:30.000Z' });
    expect(enabledSchedule(HOURLY, NOW)).toBe(HOURLY);
  });

  test('a firing is recorded once and counts if it came by time', () => {
    const once = firedSchedule(HOURLY, fired('2027-01-01T01:00:00Z'));
    expect(once).toMatchObject({ firedCount: 1, fired: [{ at: '2027-01-01T01:00:00Z' }] });
    expect(firedSchedule(once, fired('2027-01-01T01:00:00Z'))).toBe(once);
    const trigger = fired('2027-01-01T02:00:00Z', { way: 'trigger' });
    expect(firedSchedule(once, trigger)).toMatchObject({ firedCount: 1, fired: [{}, trigger] });
  });

  test('keeps the last hundred firings', () => {
    let schedule = HOURLY;
    for (let index = 0; index < 105; index += 1) {
      schedule = firedSchedule(schedule, fired(iso(ms('2027-01-01T00:00:00Z') + index * 3_600_000)));
    }
    expect(schedule.firedCount).toBe(105);
    expect(schedule.fired).toHaveLength(100);
    expect(schedule.fired[0]?.at).toBe('2027-01-01T05:00:00Z');
  });

  test('an end is recorded with its firing, and may disable the schedule', () => {
    const schedule = firedSchedule(HOURLY, fired('2027-01-01T01:00:00Z'));
    const { runId } = schedule.fired[0] as Fired;
    const failed = endedSchedule(schedule, runId, 'error');
    expect(failed).toEqual({ ...schedule, fired: [{ ...schedule.fired[0], end: 'error' }] });
    expect(endedSchedule(failed, runId, 'error')).toBe(failed);
    expect(endedSchedule(schedule, 'another', 'error')).toBe(schedule);
    const pausing = { ...firedSchedule(schedule, fired('2027-01-01T02:00:00Z')), pauseOnFailure: true };
    expect(endedSchedule(pausing, runId, 'success').enabled).toBe(true);
    expect(endedSchedule(pausing, runId, 'error')).toMatchObject({ enabled: false, pausedBy: runId });
    expect(endedSchedule({ ...pausing, enabled: false }, runId, 'error')).not.toHaveProperty('pausedBy');
  });

  test('skipped times are recorded once', () => {
    const skipped = skippedSchedule(HOURLY, [{ at: '2027-01-01T01:00:00Z' }]);
    expect(skipped.skipped).toEqual([{ at: '2027-01-01T01:00:00Z' }]);
    expect(skippedSchedule(skipped, [{ at: '2027-01-01T01:00:00Z', because: 'a' }])).toBe(skipped);
  });
});

import { intlZones } from '../../../adapters/machine/zones.ts';
import type { RunRecord } from '../../../core/runs/run.ts';
import type { Missed } from '../../../core/schedules/due.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import { whyOfSchedule } from '../../../core/schedules/why.ts';
import type { Zone } from '../../../core/schedules/zone.ts';
import { aRequest } from '../../support/builders.ts';

const { offsetAt } = intlZones.find('UTC') as Zone;
const NOW = Date.parse('2027-01-01T12:00:30Z');
const AT = Date.parse('2027-01-01T11:00:00Z');

const HOURLY: Schedule = {
  id: 'hourly',
  tenant: 'default',
  skill: 'ops/first',
  request: aRequest(),
  timing: { kind: 'cron', expressions: ['0 * * * *'] },
  zone: 'UTC',
  overlap: 'skip',
  catchupSeconds: 10,
  enabled: true,
  since: '2027-01-01T00:00:00Z',
  fired: [],
  firedCount: 0,
  skipped: [],
  createdAt: '2027-01-01T00:00:00Z',
};
const ONCE: Schedule = { ...HOURLY, timing: { kind: 'at', at: '2027-01-01T11:00:00Z' } };
const FIRED = { at: '2027-01-01T11:00:00Z', runId: 'r', way: 'time' } as const;

const run = (status: RunRecord['status']) => ({ id: 'r', status }) as RunRecord; // no other field is read
const missed = (reason: Missed['reason'], runId?: string): Missed => ({
  at: AT,
  reason,
  ...(runId === undefined ? {} : { runId }),
});

test.each<[string, Schedule, readonly RunRecord[], readonly Missed[], string, string, string]>([
  [
    'paused after a failure',
    { ...HOURLY, enabled: false, pausedBy: 'x' },
    [],
    [],
    'paused_by_failure',
    'The schedule is disabled because x failed',
    'skillos why x',
  ],
  [
    'disabled',
    { ...HOURLY, enabled: false },
    [],
    [],
    'disabled',
    'The schedule is disabled',
    'skillos schedule enable hourly',
  ],
  [
    'completed without a run',
    { ...HOURLY, endAt: '2027-01-01T00:30:00Z' },
    [],
    [],
    'completed',
    'The schedule has no firing left',
    'skillos schedule show hourly',
  ],
  [
    'failed',
    { ...ONCE, fired: [{ ...FIRED, end: 'error' }] },
    [run('error')],
    [],
    'failed',
    'The schedule has no firing left',
    'skillos why r',
  ],
  [
    'skipped for a run that waits for people',
    HOURLY,
    [run('awaiting_approval')],
    [missed('overlap', 'r')],
    'overlap',
    'The firing of 2027-01-01T11:00:00Z was skipped because r is awaiting approval',
    'skillos why r',
  ],
  [
    'waiting for a run',
    HOURLY,
    [run('running')],
    [missed('waiting', 'r')],
    'waiting',
    'The firing of 2027-01-01T11:00:00Z waits because r is running',
    'skillos why r',
  ],
  [
    'due',
    { ...HOURLY, catchupSeconds: 3600 },
    [],
    [],
    'due',
    'The firing of 2027-01-01T12:00:00Z is due, and no worker has run it',
    'skillos schedule tick',
  ],
  [
    'missed',
    HOURLY,
    [],
    [missed('missed')],
    'missed',
    'The firing of 2027-01-01T11:00:00Z was missed: no worker or engine was running',
    'skillos schedule backfill hourly --from 2027-01-01T11:00:00Z --to 2027-01-01T11:00:00Z',
  ],
  [
    'missed before the last firing',
    { ...HOURLY, fired: [{ ...FIRED, at: '2027-01-01T12:00:00Z', end: 'success' }] },
    [run('success')],
    [missed('missed')],
    'enabled',
    'The next firing is at 2027-01-01T13:00:00Z',
    'skillos schedule show hourly',
  ],
  [
    'running once',
    { ...ONCE, fired: [FIRED] },
    [run('running')],
    [],
    'enabled',
    'The run has started',
    'skillos schedule show hourly',
  ],
])('explains a schedule that is %s', (_, schedule, runs, times, reason, message, command) => {
  const why = whyOfSchedule(schedule, { now: NOW, offsetAt, runs, missed: times });
  expect(why).toEqual({ reason, message, command });
});

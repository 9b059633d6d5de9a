/** The derived Schedules on a real server: they list exactly our firings, over twelve zones across changes of the clock. */
import { intlZones } from '../../../adapters/machine/zones.ts';
import { applySchedule } from '../../../client/schedules/derived-schedule.ts';
import { connectTemporal } from '../../../client/temporal/connection.ts';
import type { Temporal } from '../../../client/temporal/connection.ts';
import { firingsBetween } from '../../../core/schedules/firings.ts';
import type { Schedule } from '../../../core/schedules/schedule.ts';
import type { Zone } from '../../../core/schedules/zone.ts';
import type { SchedulePorts } from '../../../client/schedules/ports.ts';
import { aRequest } from '../../support/builders.ts';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Africa/Casablanca',
];
const EXPRESSIONS = [
  '30 2 * * *',
  '30 * * * *',
  '*/15 * * * *',
  '15 0 * * 0,6',
  '0 0 * * *',
  '45 1,2,3 * * *',
  '0 */2 * * *',
  '0 0 1 * *',
  '0 0 13 * 5',
  '0 8 * * 1-5',
  '59 23 31 12 *',
  '0 0 29 2 *',
  '10-50/20 0-4 * * sun',
  '@hourly',
  '@weekly',
  '0 3 * 3,10,11 *',
  '5 1 * * 7',
  '0,30 0,1,2,23 * * *',
  '20 2 28-31 * *',
  '0 12 1-7 * 1',
];
const DAY_MS = 86_400_000;

let temporal: Temporal;
const now = Date.now();
const ports = { zones: intlZones, now: () => now } as unknown as SchedulePorts;

beforeAll(async () => {
  const address = process.env['SKILLOS_TEST_TEMPORAL'] as string;
  temporal = await connectTemporal({ address, namespace: 'default', taskQueue: 'nobody', local: false });
});

afterAll(() => temporal.close());

/** The days on which the offset of a zone changes in the next year, and tomorrow. */
function days(zone: Zone): readonly number[] {
  const first = Math.ceil(now / DAY_MS) * DAY_MS;
  const all = Array.from({ length: 365 }, (_, index) => first + index * DAY_MS);
  return [first, ...all.filter((day) => zone.offsetAt(day) !== zone.offsetAt(day + DAY_MS))];
}

async function listed(scheduleId: string, from: number, to: number): Promise<readonly string[]> {
  const { startTime } = await temporal.client.workflowService.listScheduleMatchingTimes({
    namespace: 'default',
    scheduleId,
    startTime: { seconds: Math.floor(from / 1000) as never, nanos: 0 },
    endTime: { seconds: Math.floor(to / 1000) as never, nanos: 0 },
  });
  return (startTime ?? []).map(({ seconds }) => new Date(Number(seconds) * 1000).toISOString());
}

test.each(ZONES)(
  'in %s',
  async (name) => {
    const zone = intlZones.find(name) as Zone;
    const wrong: unknown[] = [];
    for (const [index, expression] of EXPRESSIONS.entries()) {
      const id = `times-${name.toLowerCase().replaceAll('/', '-')}-${index}`;
      const schedule: Schedule = {
        id,
        tenant: 'default',
        skill: 'ops/first',
        request: aRequest(),
        zone: name,
        overlap: 'skip',
        catchupSeconds: 60,
        timing: { kind: 'cron', expressions: [expression] },
        enabled: false,
        since: new Date(now).toISOString(),
        fired: [],
        firedCount: 0,
        skipped: [],
        createdAt: '2026-01-01T00:00:00Z',
      };
      await applySchedule(ports, temporal, schedule);
      for (const day of days(zone)) {
        const [from, to] = [day - DAY_MS, day + 2 * DAY_MS];
        const ours = firingsBetween(schedule, { from, to, limit: 1e6 }, zone.offsetAt).filter(
          (at) => at > from && at >= now,
        );
        const theirs = (await listed(id, from, to)).filter(
          (time) => Date.parse(time) > from && Date.parse(time) >= now,
        );
        const expected = ours.map((at) => new Date(at).toISOString());
        if (JSON.stringify(expected) !== JSON.stringify(theirs)) wrong.push({ expression, expected, theirs });
      }
      await temporal.client.schedule.getHandle(id).delete();
    }
    expect(wrong).toEqual([]);
  },
  180_000,
);

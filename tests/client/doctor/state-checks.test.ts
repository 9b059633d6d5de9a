import { intlZones } from '../../../adapters/machine/zones.ts';
import { diagnose } from '../../../client/doctor/diagnose.ts';
import { stateChecks } from '../../../client/doctor/state-checks.ts';
import { SkillosError } from '../../../core/errors/errors.ts';
import { LIMITS_KIND } from '../../../core/limits/limits.ts';
import type { Limits } from '../../../core/limits/limits.ts';
import { runRecords } from '../../../core/runs/run-records.ts';
import { scheduleRecords } from '../../../core/schedules/schedule-records.ts';
import type { Records } from '../../../core/storage/records.ts';
import { aRecord, aRequest, aStep } from '../../support/builders.ts';
import { memoryRecords } from '../../support/memory-records.ts';

const NOW = Date.parse('2027-01-02T12:30:00Z');
const HOUR_MS = 3_600_000;

async function messagesOf(seed: (records: Records) => Promise<unknown>, missing: readonly string[] = []) {
  const records = memoryRecords();
  await seed(records);
  const missingCode = async (hashes: readonly string[]) => hashes.filter((hash) => missing.includes(hash));
  const found = await diagnose(
    stateChecks({ records, now: () => NOW, zones: intlZones, missingCode }),
    30_000,
  );
  expect(found.map(({ check }) => check)).toEqual(['schedules', 'jobs', 'reservations', 'code']);
  return found.flatMap(({ check, problems }) => problems.map(({ message }) => `${check}: ${message}`));
}

const hourly = (since: number) => (records: Records) =>
  scheduleRecords(records).update({ id: 'hourly', tenant: 'default' }, () => ({
    id: 'hourly',
    tenant: 'default',
    skill: 'ops/first',
    request: aRequest(),
    zone: 'UTC',
    timing: { kind: 'cron', expressions: ['0 * * * *'] },
    overlap: 'skip',
    catchupSeconds: 3600,
    enabled: true,
    fired: [],
    firedCount: 0,
    skipped: [],
    since: new Date(since).toISOString(),
    createdAt: '2027-01-01T00:00:00Z',
  }));

const reservedUntil = (leaseUntil: number) => (records: Records) =>
  records.update<Limits>(LIMITS_KIND, 'default', () => ({
    spent: {},
    circuits: {},
    reservations: {
      'a-run': { day: '2027-01-02', leaseUntil, tier: 'standard', amount: 1, stepCost: 1 },
    },
  }));

const job = (status: 'error' | 'success') => (records: Records) =>
  runRecords(records).open({ ...aRecord({ status }), queue: 'jobs', job: { priority: 3 } });

const parked = (records: Records) =>
  runRecords(records).open(
    aRecord({
      id: 'ops.first-01KAP3M2Q4V8Z0W6T5R7Y9X1BC',
      status: 'awaiting_approval',
      steps: [{ ...aStep(), step: 1, status: 'pending', attempts: 0 } as never],
    }),
  );

test.each<[string, (records: Records) => Promise<unknown>, readonly string[]]>([
  ['nothing', async () => undefined, []],
  [
    'a schedule that did not fire',
    hourly(NOW - HOUR_MS),
    ['schedules: Schedule "hourly" did not fire at 2027-01-02T12:00:00.000Z'],
  ],
  ['a schedule that is not due yet', hourly(NOW - 60_000), []],
  ['a dead letter', job('error'), ['jobs: 1 jobs are dead letters']],
  ['a job that ended well', job('success'), []],
  [
    'a reservation that nobody took back',
    reservedUntil(NOW - 2 * HOUR_MS),
    ['reservations: 1 budget reservations of tenant "default" have no run any more'],
  ],
  ['a reservation in its lease', reservedUntil(NOW + HOUR_MS), []],
  ['a waiting run with its code', parked, []],
])('finds %s', async (_, seed, expected) => {
  expect(await messagesOf(seed)).toEqual(expected);
});

test('finds a waiting run whose code is missing', async () => {
  const [message] = await messagesOf(parked, ['h1']);
  expect(message).toMatch(/^code: The frozen code of .* in the waiting run ops\.first-\S+ is missing$/);
});

test('a check that is refused or fails is a problem, with what to do', async () => {
  const refused = () => Promise.reject(new SkillosError('storage_unreachable', 'Cannot use Postgres'));
  const broken = () => Promise.reject(new TypeError('odd'));
  expect(
    await diagnose([
      { name: 'a', run: refused },
      { name: 'b', run: broken },
    ]),
  ).toMatchObject([
    { check: 'a', problems: [{ message: 'Cannot use Postgres (storage_unreachable)' }] },
    { check: 'b', problems: [{ message: 'It failed: TypeError: odd' }] },
  ]);
});

test('a check that does not answer is a problem', async () => {
  const [silent] = await diagnose([{ name: 'a', run: () => new Promise(() => undefined) }], 20);
  expect(silent?.problems).toMatchObject([{ message: 'It did not answer within 20 ms' }]);
});

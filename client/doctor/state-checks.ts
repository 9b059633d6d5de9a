/** What the records say about schedules, jobs, reservations and frozen code. Of all tenants. Needs no Temporal. */
import { jobFigures } from '../jobs/jobs-in-flight.ts';
import { zoneOf } from '../schedules/ports.ts';
import type { DerivingPorts } from '../schedules/ports.ts';
import { LIMITS_KIND } from '../../core/limits/limits.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { dueFirings } from '../../core/schedules/due.ts';
import { scheduleRecords } from '../../core/schedules/schedule-records.ts';
import type { Check } from '../../core/telemetry/diagnosis.ts';
import { isoTime } from '../../core/values/iso-time.ts';

export interface StatePorts extends DerivingPorts {
  /** Resolves to those of the content hashes whose frozen code cannot be loaded. */
  readonly missingCode: (hashes: readonly string[]) => Promise<readonly string[]>;
}

/** Temporal fires a schedule within seconds. */
const FIRING_GRACE_MS = 60_000;
/** A reservation whose lease ended longer ago belongs to no run that a worker serves. */
const LEASE_GRACE_MS = 60 * 60 * 1000;
const MAX_PARKED = 1_000;

export function stateChecks(ports: StatePorts): readonly Check[] {
  return [
    { name: 'schedules', run: () => schedules(ports) },
    { name: 'jobs', run: () => deadLetters(ports) },
    { name: 'reservations', run: () => reservations(ports) },
    { name: 'code', run: () => codeOfParkedRuns(ports) },
  ];
}

async function schedules(ports: StatePorts) {
  const before = ports.now() - FIRING_GRACE_MS;
  return (await scheduleRecords(ports.records).list()).flatMap((schedule) => {
    const [at] = dueFirings(schedule, before, zoneOf(ports, schedule).offsetAt);
    return at === undefined
      ? []
      : [
          {
            message: `Schedule "${schedule.id}" did not fire at ${isoTime(at)}`,
            remedy: `skillos schedule show ${schedule.id}; without a standing worker: skillos schedule tick`,
          },
        ];
  });
}

async function deadLetters(ports: StatePorts) {
  const { dead } = await jobFigures(ports, ports.now());
  return dead === 0
    ? []
    : [{ message: `${dead} jobs are dead letters`, remedy: 'skillos job dead; skillos job requeue <job>' }];
}

async function reservations({ records, now }: StatePorts) {
  const tenants = await records.list<Limits>(LIMITS_KIND, { limit: 1_000 });
  return tenants.flatMap(({ key: tenant, value }) => {
    const lost = Object.values(value.reservations).filter(
      ({ leaseUntil }) => leaseUntil < now() - LEASE_GRACE_MS,
    );
    const message = `${lost.length} budget reservations of tenant "${tenant}" have no run any more`;
    const remedy = 'The next run that needs their budget takes them back; see skillos budget';
    return lost.length === 0 ? [] : [{ message, remedy }];
  });
}

async function codeOfParkedRuns({ records, missingCode }: StatePorts) {
  const parked = await runRecords(records).list({
    where: { status: ['awaiting_approval', 'paused'] },
    limit: MAX_PARKED,
  });
  const hashes = new Set(parked.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
  const gone = new Set(await missingCode([...hashes]));
  return parked.flatMap(({ id, steps }) => {
    const missing = steps.find(({ hash }) => gone.has(hash));
    const message = `The frozen code of ${missing?.skill} in the waiting run ${id} is missing`;
    const remedy = `Restore runtime/bundles, or with Postgres the database, from a backup; or cancel it: skillos runs cancel ${id}`;
    return missing === undefined ? [] : [{ message, remedy }];
  });
}

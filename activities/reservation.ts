/** Reservations: the part of a tenant's budget, and of its circuits, that a run holds from its claim to its settlement. */
import { SYSTEM, appendAudit } from '../core/telemetry/audit.ts';
import {
  LIMITS_KIND,
  claimLimits,
  releasable,
  releaseEarlier,
  releaseLimits,
  renewLimits,
} from '../core/limits/limits.ts';
import type { Limits, LimitsClaim, LimitsVerdict } from '../core/limits/limits.ts';
import { runRecords } from '../core/runs/run-records.ts';
import { pagesOf } from '../core/storage/record-pages.ts';
import type { WorkerPorts } from './ports.ts';
import { settleAccount } from './settle.ts';

type SettlingPorts = Pick<WorkerPorts, 'records' | 'journal' | 'now' | 'limits'>;
type ReservationPorts = SettlingPorts & Pick<WorkerPorts, 'isGone'>;

/** One reservation per execution of a run, whichever worker claims it. */
export function reservationKey({
  id,
  executionId,
}: {
  readonly id: string;
  readonly executionId: string;
}): string {
  return `${id}/${executionId}`;
}

/** If the budget is exhausted, reservations of runs that are gone are released first: a terminated run has not settled. */
export async function reserve(
  ports: ReservationPorts,
  tenant: string,
  claim: LimitsClaim,
): Promise<LimitsVerdict> {
  const verdict = await tryClaim(ports, tenant, claim);
  if (verdict.kind === 'allow' || verdict.reason !== 'budget_exceeded') return verdict;
  return (await releaseGone(ports, tenant, claim)) ? tryClaim(ports, tenant, claim) : verdict;
}

/** Releases a reservation that will not be settled. */
export async function releaseReservation(
  { records }: Pick<ReservationPorts, 'records'>,
  tenant: string,
  key: string,
): Promise<void> {
  await records.update<Limits>(LIMITS_KIND, tenant, (current) => releaseLimits(current, [key]));
}

async function tryClaim(
  { records }: ReservationPorts,
  tenant: string,
  claim: LimitsClaim,
): Promise<LimitsVerdict> {
  let verdict: LimitsVerdict | undefined;
  await records.update<Limits>(LIMITS_KIND, tenant, (current) => {
    const claimed = claimLimits(
      releaseEarlier(current, { prefix: `${runOf(claim.key)}/`, key: claim.key }),
      claim,
    );
    verdict = claimed.verdict;
    return claimed.limits;
  });
  return verdict as LimitsVerdict; // update() has called the function
}

/** Returns true if a reservation was released. */
async function releaseGone(
  ports: ReservationPorts,
  tenant: string,
  { now, settings }: LimitsClaim,
): Promise<boolean> {
  const { records, isGone } = ports;
  const overdue = releasable(await records.get<Limits>(LIMITS_KIND, tenant), now);
  const gone = new Set<string>();
  for (const key of overdue) if (await isGone(runOf(key))) gone.add(key);
  const alive = overdue.filter((key) => !gone.has(key));
  if (overdue.length === 0) return false;
  const until = now + settings.budgetLeaseSeconds * 1000;
  const unsettled = new Set<string>();
  for (const key of gone) if ((await settleEnded(ports, key)) !== 'settled') unsettled.add(key);
  await records.update<Limits>(LIMITS_KIND, tenant, (current) =>
    renewLimits(releaseLimits(current, [...unsettled]), alive, until),
  );
  await Promise.all([...unsettled].map((key) => auditReleased(ports, tenant, key)));
  return gone.size > 0;
}

/**
 * Charges all runs, of any tenant, whose worker was lost after their end was recorded and before they were charged, and releases
 * what was reserved for runs that ended before their claim was recorded.
 */
export async function settleEndedRuns(ports: SettlingPorts): Promise<void> {
  for await (const page of pagesOf<Limits>(ports.records, LIMITS_KIND)) {
    for (const { key: tenant, value } of page) {
      for (const key of Object.keys(value.reservations)) {
        if ((await settleEnded(ports, key)) !== 'unclaimed') continue;
        await releaseReservation(ports, tenant, key);
        await auditReleased(ports, tenant, key);
      }
    }
  }
}

/** Charges a run that has ended. `unclaimed`: it has ended, and its record does not know the reservation; nothing is to be charged. */
async function settleEnded(ports: SettlingPorts, key: string): Promise<'settled' | 'unclaimed' | 'open'> {
  const record = await runRecords(ports.records).get(runOf(key));
  if (record?.endedAt === undefined) return 'open';
  if (record.claim?.key !== key) return key === `${record.id}/${record.executionId}` ? 'unclaimed' : 'open';
  await settleAccount(ports, record);
  return 'settled';
}

function auditReleased({ journal, now }: SettlingPorts, tenant: string, key: string): Promise<void> {
  return appendAudit(journal, {
    id: `${key}/reservation_released`,
    at: new Date(now()).toISOString(),
    tenant,
    actor: SYSTEM,
    action: 'reservation_released',
    way: 'worker',
    run: runOf(key),
  });
}

function runOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}

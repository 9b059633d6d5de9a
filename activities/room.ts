/** Room for a run in the budget and the circuits of its tenant. */
import { SYSTEM, appendAudit } from '../core/audit.ts';
import {
  LIMITS_KIND,
  claimLimits,
  releasable,
  releaseEarlier,
  releaseLimits,
  renewLimits,
} from '../core/limits.ts';
import type { Limits, LimitsClaim, LimitsVerdict } from '../core/limits.ts';
import { runKey } from '../core/run-id.ts';
import type { RunRecord } from '../core/run.ts';
import type { WorkerPorts } from './ports.ts';
import { settleAccount } from './settle.ts';

type RoomPorts = Pick<WorkerPorts, 'records' | 'journal' | 'now' | 'isGone' | 'limits'>;

/** An execution of a run holds its room once, whoever claims it for it. */
export function roomKey({ id, executionId }: { readonly id: string; readonly executionId: string }): string {
  return `${id}/${executionId}`;
}

/** Where there is no room, what runs hold that are gone is taken back first: terminated ones have not settled. */
export async function takeRoom(ports: RoomPorts, tenant: string, claim: LimitsClaim): Promise<LimitsVerdict> {
  const verdict = await tryClaim(ports, tenant, claim);
  if (verdict.kind === 'allow' || verdict.reason !== 'budget_exceeded') return verdict;
  return (await takeBack(ports, tenant, claim)) ? tryClaim(ports, tenant, claim) : verdict;
}

/** For who holds room and will not settle. */
export async function giveBack(
  { records }: Pick<RoomPorts, 'records'>,
  tenant: string,
  key: string,
): Promise<void> {
  await records.update<Limits>(LIMITS_KIND, tenant, (current) => releaseLimits(current, [key]));
}

async function tryClaim({ records }: RoomPorts, tenant: string, claim: LimitsClaim): Promise<LimitsVerdict> {
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

/** Whether anything was taken back. */
async function takeBack(ports: RoomPorts, tenant: string, { now, settings }: LimitsClaim): Promise<boolean> {
  const { records, isGone } = ports;
  const overdue = releasable(await records.get<Limits>(LIMITS_KIND, tenant), now);
  const gone = new Set<string>();
  for (const key of overdue) if (await isGone(runOf(key))) gone.add(key);
  const alive = overdue.filter((key) => !gone.has(key));
  if (overdue.length === 0) return false;
  const until = now + settings.budgetLeaseSeconds * 1000;
  const unsettled = new Set<string>();
  for (const key of gone) if (!(await settleEnded(ports, key))) unsettled.add(key);
  await records.update<Limits>(LIMITS_KIND, tenant, (current) =>
    renewLimits(releaseLimits(current, [...unsettled]), alive, until),
  );
  await Promise.all([...unsettled].map((key) => auditReleased(ports, tenant, key)));
  return gone.size > 0;
}

/** A run that has recorded its end and lost its worker before it was charged is charged now. */
async function settleEnded(ports: RoomPorts, key: string): Promise<boolean> {
  const record = (await ports.records.get('runs', runKey(runOf(key)))) as RunRecord | undefined;
  if (record?.endedAt === undefined || record.claim?.key !== key) return false;
  await settleAccount(ports, record);
  return true;
}

function auditReleased({ journal, now }: RoomPorts, tenant: string, key: string): Promise<void> {
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

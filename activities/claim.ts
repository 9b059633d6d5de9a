/** Claiming: one atomic update takes room in the budget and a place in the circuits; then the run is recorded as begun. */
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
import { stepsFrom } from '../core/plan.ts';
import { beginRecord } from '../core/run-record.ts';
import type { Blocked, Claim, Failed, Ready, RunRequest } from '../core/run.ts';
import type { WorkerPorts } from './ports.ts';
import { decide } from './decide.ts';
import { auditRun } from './audit.ts';
import { currentExecution } from './execution.ts';
import { stampNow, writeRecord } from './run-record.ts';

/** After a park the caller's rights are asked again; what would run is frozen and stays what was approved. */
export async function claimParked(
  ports: WorkerPorts,
  request: RunRequest,
  prepared: Ready,
): Promise<Claim | Blocked | Failed> {
  const { expectedDigest: _, ...again } = request;
  const verdict = await decide(ports, again);
  if (verdict.status === 'blocked') return verdict;
  if (verdict.status === 'error' && verdict.failure.code === 'unknown_skill') return verdict;
  return claimRun(ports, request, prepared);
}

/** Idempotent by the key of the claim: repeated, it holds nothing twice and gives the same answer. */
export async function claimRun(
  ports: WorkerPorts,
  request: RunRequest,
  prepared: Ready,
): Promise<Claim | Blocked> {
  const stamp = stampNow(ports);
  const key = `${currentExecution().id}/${stamp.executionId}`;
  const verdict = await takeRoom(ports, request.tenant, {
    key,
    steps: stepsFrom(prepared.plan, request.origin?.from),
    now: ports.now(),
    settings: ports.limits,
  });
  if (verdict.kind === 'deny') {
    const { reason, policy, message } = verdict;
    return { status: 'blocked', reason, policy, message };
  }
  const { tier, stepCost } = verdict;
  const claim = { key, tier, stepCost };
  await Promise.all([
    writeRecord(ports, request, (current) => beginRecord(current, stamp, { ...prepared, claim })),
    auditRun(ports, request, { action: 'run_allowed', digest: prepared.digest }),
  ]);
  return claim;
}

/** Where there is no room, what runs hold that are gone is taken back first: terminated ones have not settled. */
async function takeRoom(ports: WorkerPorts, tenant: string, claim: LimitsClaim): Promise<LimitsVerdict> {
  const verdict = await tryClaim(ports, tenant, claim);
  if (verdict.kind === 'allow' || verdict.reason !== 'budget_exceeded') return verdict;
  return (await takeBack(ports, tenant, claim)) ? tryClaim(ports, tenant, claim) : verdict;
}

async function tryClaim(
  { records }: WorkerPorts,
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

/** Whether anything was taken back. */
async function takeBack(
  ports: WorkerPorts,
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
  await records.update<Limits>(LIMITS_KIND, tenant, (current) =>
    renewLimits(releaseLimits(current, [...gone]), alive, until),
  );
  await Promise.all([...gone].map((key) => auditReleased(ports, tenant, key)));
  return gone.size > 0;
}

function auditReleased({ journal, now }: WorkerPorts, tenant: string, key: string): Promise<void> {
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

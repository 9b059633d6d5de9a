/** Claiming: one atomic update takes room in the budget and a place in the circuits; then the run is recorded as begun. */
import { stepsFrom } from '../core/plan.ts';
import { beginRecord } from '../core/run-record.ts';
import type { Blocked, Claim, Failed, Ready, RunRequest } from '../core/run.ts';
import type { WorkerPorts } from './ports.ts';
import { decide } from './decide.ts';
import { auditRun } from './audit.ts';
import { currentExecution } from './execution.ts';
import { giveBack, roomKey, takeRoom } from './room.ts';
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
  const key = roomKey(currentExecution());
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
  const [record] = await Promise.all([
    writeRecord(ports, request, (current) => beginRecord(current, stamp, { ...prepared, claim })),
    auditRun(ports, request, { action: 'run_allowed', digest: prepared.digest }),
  ]);
  // Of a worker that stalled, and claims what another has settled long ago.
  if (record.endedAt !== undefined) await giveBack(ports, request.tenant, key);
  return claim;
}

/** Claiming: one atomic update takes room in the budget and a place in the circuits; then the run is recorded as begun. */
import type { SkillEntry } from '../core/catalog.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import { findSkill } from '../core/find-skill.ts';
import { stepsFrom, stepsOf } from '../core/plan.ts';
import { judgeRights } from '../core/policies.ts';
import { distrust } from '../core/request-signature.ts';
import { beginRecord } from '../core/run-record.ts';
import { isSingle } from '../core/run.ts';
import type { Blocked, Claim, Failed, Ready, RunRequest } from '../core/run.ts';
import type { WorkerPorts } from './ports.ts';
import { auditRun } from './audit.ts';
import { currentExecution } from './execution.ts';
import { isRetryable } from './failures.ts';
import { giveBack, roomKey, takeRoom } from './room.ts';
import { stampNow, writeRecord } from './run-record.ts';
import type { SkillId } from '../core/skill-id.ts';

/** After a park the caller's rights are asked again; what would run is frozen and stays what was approved. */
export async function claimParked(
  ports: WorkerPorts,
  request: RunRequest,
  prepared: Ready,
): Promise<Claim | Blocked | Failed> {
  const verdict = await judgeAgain(ports, request, prepared);
  if (verdict.status !== 'ready') return verdict;
  return claimRun(ports, request, prepared);
}

async function judgeAgain(
  ports: WorkerPorts,
  request: RunRequest,
  prepared: Ready,
): Promise<{ readonly status: 'ready' } | Blocked | Failed> {
  const steps = stepsOf(prepared.plan);
  const undoing = steps.flatMap(({ rollback }) => rollback?.skill ?? []);
  const named = [...stepsOf(request.plan), ...steps].map(({ skill }) => skill);
  const find = async (ids: readonly SkillId[]): Promise<readonly SkillEntry[]> =>
    Promise.all([...new Set(ids)].map((id) => findSkill(ports.catalogs, id)));
  try {
    const verdict = judgeRights({
      request,
      entries: await find(named),
      undoers: await find(undoing),
      snapshot: {
        permissionFile: await ports.policies.permissions(),
        production: ports.trust.production,
        distrust: distrust(currentExecution().id, request, ports.trust),
      },
    });
    if (verdict.kind === 'allow') return { status: 'ready' };
    const { reason, policy, message } = verdict;
    return { status: 'blocked', reason, policy, message };
  } catch (error) {
    if (!isSkillosError(error) || isRetryable(error)) throw error;
    return { status: 'error', failure: { code: error.code, message: error.message } };
  }
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
  const frozen = isSingle(request) ? stepsOf(prepared.plan)[0] : undefined;
  const [record] = await Promise.all([
    writeRecord(ports, request, (current) => beginRecord(current, stamp, { ...prepared, claim, frozen })),
    auditAllowed(ports, request, prepared.digest),
  ]);
  // Of a worker that stalled, and claims what another has settled long ago.
  if (record.endedAt === undefined) return claim;
  await giveBack(ports, request.tenant, key);
  throw new SkillosError('run_finished', `Run "${record.id}" has ended: ${record.status}`);
}

export function auditAllowed(ports: WorkerPorts, request: RunRequest, digest: string): Promise<void> {
  return auditRun(ports, request, { action: 'run_allowed', digest });
}

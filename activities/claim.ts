/** Claims a run: one atomic update reserves its budget and passes its circuits; then the run is recorded as begun. */
import type { SkillEntry } from '../core/skills/catalog.ts';
import { SkillosError, isSkillosError } from '../core/errors/errors.ts';
import { findSkill } from '../core/skills/find-skill.ts';
import { stepsFrom, stepsOf } from '../core/plans/plan.ts';
import { evaluateRights } from '../core/preparing/policies.ts';
import { refuseRequestSignature } from '../core/runs/request-signature.ts';
import { beginRecord } from '../core/runs/run-record.ts';
import type { Kept } from '../core/runs/run-record.ts';
import type { Blocked, Claim, Claimed, Failed, Ready, RunRecord, RunRequest } from '../core/runs/run.ts';
import type { WorkerPorts } from './ports.ts';
import { assertApproved, permitsOf } from './authority/permits.ts';
import { auditRun } from './audit.ts';
import { currentExecution } from './execution.ts';
import { signedId } from './firing.ts';
import { isRetryable } from './failures.ts';
import { catalogsOfRun } from './prepared-skills.ts';
import { releaseReservation, reservationKey, reserve } from './reservation.ts';
import { stampNow, writeRecord } from './run-record.ts';
import type { SkillId } from '../core/values/skill-id.ts';

/**
 * After an approval the caller's rights are evaluated again. The plan must be the one that was parked and
 * approved.
 */
export async function claimParked(
  ports: WorkerPorts,
  request: RunRequest,
  prepared: Ready,
): Promise<Claimed | Blocked | Failed> {
  await assertApproved(ports, prepared);
  const verdict = await judgeAgain(ports, request, prepared);
  if (verdict.status !== 'ready') return verdict;
  const claim = await claimRun(ports, request, prepared);
  return 'status' in claim ? claim : { ...claim, ...permitsOf(ports, request, prepared) };
}

async function judgeAgain(
  ports: WorkerPorts,
  request: RunRequest,
  prepared: Ready,
): Promise<{ readonly status: 'ready' } | Blocked | Failed> {
  const steps = stepsOf(prepared.plan);
  const rollbackIds = steps.flatMap(({ rollback }) => rollback?.skill ?? []);
  const requestedIds = [...stepsOf(request.plan), ...steps].map(({ skill }) => skill);
  try {
    const catalogs = await catalogsOfRun(ports);
    const find = async (ids: readonly SkillId[]): Promise<readonly SkillEntry[]> =>
      Promise.all([...new Set(ids)].map((id) => findSkill(catalogs, id)));
    const verdict = evaluateRights({
      request,
      entries: await find(requestedIds),
      rollbackEntries: await find(rollbackIds),
      snapshot: {
        permissionFile: await ports.policies.permissions(),
        production: ports.trust.production,
        signatureRefusal: refuseRequestSignature(signedId(request), request, ports.trust),
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

interface Recording {
  /** A further change of the record, stored with the claim. */
  readonly recordIn?: (record: RunRecord) => RunRecord;
}

/** Idempotent by the key of the claim: a repeated call reserves nothing twice and returns the same claim. */
export async function claimRun(
  ports: WorkerPorts,
  request: RunRequest,
  { recordIn = (record) => record, ...prepared }: Ready & Kept & Recording,
): Promise<Claim | Blocked> {
  const stamp = stampNow(ports);
  const key = reservationKey(currentExecution());
  const verdict = await reserve(ports, request.tenant, {
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
    writeRecord(ports, request, (current) => recordIn(beginRecord(current, stamp, { ...prepared, claim }))),
    auditAllowed(ports, request, prepared.digest),
  ]);
  if (record.endedAt === undefined) return claim;
  // This worker stalled, and another one has settled the run since.
  await releaseReservation(ports, request.tenant, key);
  throw new SkillosError('run_finished', `Run "${record.id}" has ended: ${record.status}`);
}

export function auditAllowed(ports: WorkerPorts, request: RunRequest, digest: string): Promise<void> {
  return auditRun(ports, request, { action: 'run_allowed', digest });
}

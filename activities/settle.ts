/** Settles a run: records its end, charges the steps that succeeded, releases the rest, and updates the circuits. */
import { SYSTEM, appendAudit } from '../core/telemetry/audit.ts';
import { SkillosError, isSkillosError } from '../core/errors/errors.ts';
import { isSkillFailure } from '../core/limits/circuit.ts';
import { endedRun, endedRunsLog } from '../core/learning/ended-runs.ts';
import { experimentLog } from '../core/learning/experiment.ts';
import { runResults } from '../core/learning/run-results.ts';
import { LIMITS_KIND, newlyOpen, settleLimits } from '../core/limits/limits.ts';
import type { Limits, LimitsSettlement } from '../core/limits/limits.ts';
import { endRecord, settlementOf } from '../core/runs/run-record.ts';
import type { Account, RunRecord, RunRequest, Settlement } from '../core/runs/run.ts';
import { auditRun } from './audit.ts';
import { notifyOf } from './events.ts';
import { reportEnd } from './firing.ts';
import type { WorkerPorts } from './ports.ts';
import { stampNow, writeRecord } from './run-record.ts';

interface End {
  readonly settlement: Settlement;
  readonly account: Account;
}

/**
 * Resolves to the first end that was recorded. Idempotent: a repeated call charges nothing and returns the same. For a
 * run that has begun, a full disk counts as a storage that cannot be reached, so that what it did is recorded later.
 */
export async function settleRun(ports: WorkerPorts, request: RunRequest, end: End): Promise<Settlement> {
  try {
    return await recordEnd(ports, request, end);
  } catch (error) {
    const { claim, succeeded } = end.account;
    const hasBegun = claim !== undefined || succeeded.length > 0;
    if (!hasBegun || !isSkillosError(error, 'storage_full')) throw error;
    throw new SkillosError('storage_unreachable', error.message, { cause: error });
  }
}

async function recordEnd(ports: WorkerPorts, request: RunRequest, end: End): Promise<Settlement> {
  const stamp = stampNow(ports);
  const record = await writeRecord(ports, request, (current) => endRecord(current, stamp, end));
  await settleAccount(ports, record);
  notifyOf(ports, record);
  if (record.status === 'blocked') await auditBlocked(ports, request, record);
  return settlementOf(record);
}

/** Charges a run that has ended by its record, and reports its end to its schedule, metrics and experiments. Idempotent: a claim that was settled before charges nothing. */
export async function settleAccount(
  ports: Pick<WorkerPorts, 'records' | 'journal' | 'now' | 'limits'>,
  record: RunRecord,
): Promise<void> {
  const { records, now, limits: settings } = ports;
  const { claim, succeeded = [] } = record;
  await Promise.all([reportEnd(ports, record), logEnd(ports, record)]);
  if (claim === undefined) return;
  const settlement: LimitsSettlement = {
    key: claim.key,
    succeeded,
    circuit: circuitOutcomes(record, succeeded),
    now: now(),
    settings,
  };
  let opened: ReturnType<typeof newlyOpen> = [];
  await records.update<Limits>(LIMITS_KIND, record.tenant, (current) => {
    const settled = settleLimits(current, settlement);
    opened = newlyOpen(current, settled);
    return settled;
  });
  await Promise.all(opened.map((circuit) => auditOpened(ports, record, circuit)));
}

/** Adds the end to the log that metrics read, and the results of the variants that the run took to their experiments. */
async function logEnd({ journal }: Pick<WorkerPorts, 'journal'>, record: RunRecord): Promise<void> {
  const { tenant } = record;
  const end = endedRun(record);
  await Promise.all([
    ...(end === undefined ? [] : [journal.append(endedRunsLog(tenant), [end])]),
    ...runResults(record).map(({ skill, result }) => journal.append(experimentLog(tenant, skill), [result])),
  ]);
}

function auditOpened(
  { journal, now }: Pick<WorkerPorts, 'journal' | 'now'>,
  { id: run, tenant, executionId = '' }: RunRecord,
  { skill, failures }: ReturnType<typeof newlyOpen>[number],
): Promise<void> {
  return appendAudit(journal, {
    id: `${executionId}/circuit_opened/${skill}`,
    at: new Date(now()).toISOString(),
    tenant,
    actor: SYSTEM,
    action: 'circuit_opened',
    way: 'worker',
    run,
    skill,
    after: { failures },
  });
}

/** The outcomes of the run's skills: those that succeeded, and the one whose own failure ended the run. */
function circuitOutcomes(
  { steps, error }: RunRecord,
  succeeded: readonly number[],
): LimitsSettlement['circuit'] {
  const successes = steps
    .filter(({ number }) => succeeded.includes(number))
    .map(({ skill }) => ({ skill: skill as string, outcome: 'success' as const }));
  const failed = error?.step === undefined ? undefined : steps.find(({ number }) => number === error.step);
  if (failed === undefined || error === undefined || !isSkillFailure(error.code)) return successes;
  return [...successes, { skill: failed.skill, outcome: 'failure' }];
}

function auditBlocked(ports: WorkerPorts, request: RunRequest, record: RunRecord): Promise<void> {
  const { reason = '', policy = '', digest } = record;
  const isExpired = reason === 'approval_expired';
  return auditRun(ports, request, {
    action: isExpired ? 'approval_expired' : 'run_blocked',
    reason,
    policy,
    ...(digest === undefined ? {} : { digest }),
    ...(isExpired ? { actor: SYSTEM } : {}),
  });
}

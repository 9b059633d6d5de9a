/** Settling: the first end of a run stands; what succeeded is charged, the rest given back, and the circuits hear of it. */
import { Context } from '@temporalio/activity';
import { untilStored } from '../adapters/absent-store.ts';
import type { Gather } from '../adapters/gathering.ts';
import { SYSTEM, appendAudit } from '../core/audit.ts';
import type { Carried } from '../core/carried.ts';
import { isSkillFailure } from '../core/circuit.ts';
import { LIMITS_KIND, newlyOpen, settleLimits } from '../core/limits.ts';
import type { Limits, LimitsSettlement } from '../core/limits.ts';
import { runKey } from '../core/run-id.ts';
import { endRecord, settlementOf } from '../core/run-record.ts';
import type { Account, RunRecord, RunRequest, Settlement } from '../core/run.ts';
import type { Last, StepResult } from '../workflows/messages.ts';
import { auditRun } from './audit.ts';
import { currentExecution } from './execution.ts';
import type { WorkerPorts } from './ports.ts';
import { changeRecord, stampNow, writeRecord } from './run-record.ts';

interface End {
  readonly settlement: Settlement;
  readonly account: Account;
}

/** Resolves to the end that stands. Repeated, it charges nothing twice and answers the same. */
export async function settleRun(ports: WorkerPorts, request: RunRequest, end: End): Promise<Settlement> {
  const stamp = stampNow(ports);
  const record = await writeRecord(ports, request, (current) => endRecord(current, stamp, end));
  await settleAccount(ports, record);
  if (record.status === 'blocked') await auditBlocked(ports, request, record);
  return settlementOf(record);
}

/** A step with whose success its run may have succeeded, and what it put out. */
interface Finish {
  readonly number: number;
  readonly output: Carried;
  readonly last: Last;
}

/**
 * A last step has succeeded, and with it the run, where it is alone or the last of its group to finish: settled here, the
 * run needs no activity of its own for that. The record says all that is to be charged, so the run need not wait for it;
 * if this worker dies first, whoever takes back what the run holds charges it. Never rejects, which would call a step
 * failed that has had its effect: what cannot be recorded here is left to the workflow to settle.
 */
export async function settleLast(ports: WorkerPorts, finish: Finish): Promise<StepResult> {
  const { executionId } = currentExecution();
  const end = endWith(finish, ports.gather, executionId);
  if (end === undefined) return finish.output;
  try {
    const record = await Promise.race([recordSuccess(ports, end), Context.current().cancelled]);
    if (record === undefined) return finish.output;
    ports.aside((signal) => untilStored(() => settleAccount(ports, record), signal));
    return settledOutput(record, executionId, finish) ?? finish.output;
  } catch {
    return finish.output;
  }
}

/** `undefined` while other members of its group have not finished in this worker. */
function endWith({ number, output, last }: Finish, gather: Gather, executionId: string): End | undefined {
  const { group, succeeded, ...rest } = last;
  if (group === undefined) return success(output, { ...rest, succeeded: [...succeeded, number] });
  const parts = gather({ group: executionId, number, numbers: group, output });
  if (parts === undefined) return undefined;
  return success({ parts }, { ...rest, succeeded: [...new Set([...succeeded, ...group])] });
}

function success(output: Carried, account: Account): End {
  return { settlement: { status: 'success', output }, account };
}

function recordSuccess(ports: WorkerPorts, end: End): Promise<RunRecord | undefined> {
  const stamp = stampNow(ports);
  return changeRecord(ports, currentExecution().id, (current) =>
    current === undefined ? undefined : endRecord(current, stamp, end),
  );
}

/**
 * What a step put out whose worker was lost after the run was settled: it is not run again. Without a step, what the run
 * itself put out.
 */
export async function outputOfLost(
  ports: WorkerPorts,
  lost?: Pick<Finish, 'number' | 'last'>,
): Promise<StepResult | undefined> {
  const { id, executionId } = currentExecution();
  const record = (await ports.records.get('runs', runKey(id))) as RunRecord | undefined;
  if (record === undefined) return undefined;
  const output = settledOutput(record, executionId, lost);
  if (output !== undefined) await settleAccount(ports, record);
  return output;
}

function settledOutput(
  record: RunRecord,
  executionId: string,
  step?: Pick<Finish, 'number' | 'last'>,
): StepResult | undefined {
  if (record.executionId !== executionId || record.status !== 'success') return undefined;
  const output = record.output as Carried;
  const place = step?.last.group?.indexOf(step.number) ?? -1;
  const own = place < 0 || !('parts' in output) ? output : output.parts[place];
  return own === undefined ? undefined : { ...own, settled: true };
}

/** Charges what the record of a run that has ended says; a claim that holds nothing any more charges nothing. */
export async function settleAccount(
  ports: Pick<WorkerPorts, 'records' | 'journal' | 'now' | 'limits'>,
  record: RunRecord,
): Promise<void> {
  const { records, now, limits: settings } = ports;
  const { claim, succeeded = [] } = record;
  if (claim === undefined) return;
  const settlement: LimitsSettlement = {
    key: claim.key,
    succeeded,
    circuit: circuitNews(record, succeeded),
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

/** What the run says of its skills: those that succeeded, and the one that ended it by a failure of its own. */
function circuitNews({ steps, error }: RunRecord, succeeded: readonly number[]): LimitsSettlement['circuit'] {
  const news = steps
    .filter(({ number }) => succeeded.includes(number))
    .map(({ skill }) => ({ skill: skill as string, outcome: 'success' as const }));
  const failed = error?.step === undefined ? undefined : steps.find(({ number }) => number === error.step);
  if (failed === undefined || error === undefined || !isSkillFailure(error.code)) return news;
  return [...news, { skill: failed.skill, outcome: 'failure' }];
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

/** Explains the state of a run: a reason code, a sentence, and the next command. */
import type { ErrorCode } from '../errors/error-codes.ts';
import { ERROR_CODES, isErrorCode } from '../errors/error-codes.ts';
import type { JsonValue } from '../json.ts';
import { approvalCount, expiryOf } from './run-approval.ts';
import { isInFlight } from './run.ts';
import type { ParkedApproval } from '../approvals/parked-approval.ts';
import type { RunRecord } from './run.ts';

/** Reasons for which a run has not ended. */
type Wait = 'queued' | 'awaiting_approval' | 'paused' | 'backing_off' | 'running';

/** A reason of a run in flight, `success`, or an error code, which includes `no_worker`. */
type WhyReason = Wait | 'success' | ErrorCode;

export interface Why {
  readonly reason: WhyReason;
  readonly message: string;
  readonly command: string;
}

/** A pending activity, from Temporal. */
export interface PendingStep {
  readonly skill: string;
  /** Equal to `activityId` in the trace. */
  readonly activityId?: string;
  readonly isRunning: boolean;
  readonly attempt: number;
  /** Why the last attempt has not called the skill, if it found all slots of its concurrency limit taken. */
  readonly waiting?: string;
  /** Time of the next attempt; ISO 8601. */
  readonly nextAt?: string;
  /** Failure message of the last attempt. */
  readonly failure?: string;
  /** Last progress reported by the skill. */
  readonly progress?: JsonValue;
}

/** State of a run in flight according to Temporal. */
export interface RunObservation {
  /** True if a worker has started a workflow task of the run. */
  readonly isTaken: boolean;
  readonly pending: readonly PendingStep[];
  readonly hasWorker: boolean;
  /** ISO 8601. */
  readonly now: string;
}

/** `unreachable`: Temporal does not answer. `unknown`: Temporal has no such run. */
export function whyOf(record: RunRecord, sight: RunObservation | 'unreachable' | 'unknown'): Why {
  if (!isInFlight(record.status)) return whyEnded(record);
  switch (record.status) {
    case 'awaiting_approval':
      return whyParked(record);
    case 'paused':
      return whyPaused(record);
    case 'queued':
    case 'running':
      return typeof sight === 'string' ? whyUnseen(record, sight) : whyBusy(record, sight);
  }
}

function whyParked({ id, approval }: RunRecord): Why {
  const message = approval === undefined ? 'Waits for an approval' : parkedText(approval);
  return { reason: 'awaiting_approval', message, command: `skillos approvals show ${id}` };
}

function parkedText(approval: ParkedApproval): string {
  const { requirement, step } = approval;
  const { nOf, policy, reasons } = requirement;
  const where = step === undefined ? '' : ` before step ${step}`;
  const given = nOf === 1 ? '' : `, ${approvalCount(approval)} of ${nOf} given`;
  return `Waits for approval${where} until ${expiryOf(approval)} (${policy}${given}): ${reasons.join('; ')}`;
}

function whyPaused({ id, pause }: RunRecord): Why {
  const where = pause === undefined ? '' : ` before step ${pause.step} ${pause.skill}`;
  return { reason: 'paused', message: `Paused${where}`, command: `skillos debug ${id}` };
}

function whyBusy(record: RunRecord, { isTaken, pending, hasWorker, now }: RunObservation): Why {
  const watch = `skillos runs watch ${record.id}`;
  const running = pending.find((step) => step.isRunning);
  if (running !== undefined) return { reason: 'running', message: runningText(running), command: watch };
  const [waiting] = pending;
  if (waiting?.waiting !== undefined) {
    return { reason: 'concurrency_limited', message: waiting.waiting, command: watch };
  }
  if (waiting?.nextAt !== undefined && waiting.nextAt > now) {
    return {
      reason: 'backing_off',
      message: backingOffText(waiting),
      command: `skillos runs logs ${record.id}`,
    };
  }
  const runAt = isTaken ? undefined : record.job?.runAt;
  if (runAt !== undefined && runAt > now) {
    return { reason: 'queued', message: `The job starts at ${runAt} at the earliest`, command: show(record) };
  }
  if (!hasWorker) return whyUnserved(record);
  if (!isTaken) {
    return {
      reason: 'queued',
      message: 'A worker is running and has not started the run yet',
      command: watch,
    };
  }
  return {
    reason: 'running',
    message: 'Between two steps: the worker is processing the run',
    command: watch,
  };
}

function whyUnserved({ job }: RunRecord): Why {
  if (job !== undefined) {
    const message = 'No worker polls the jobs queue; the job continues as soon as one does';
    return { reason: 'no_worker', message, command: 'skillos job work' };
  }
  const message = 'No worker polls the task queue; the run continues as soon as a worker runs';
  return { reason: 'no_worker', message, command: 'skillos worker' };
}

function runningText({ skill, attempt }: PendingStep): string {
  return `Skill ${skill} is running${attempt > 1 ? `, attempt ${attempt}` : ''}`;
}

function backingOffText({ skill, attempt, nextAt, failure }: PendingStep): string {
  const why = failure === undefined ? '' : ` (${failure})`;
  return `Skill ${skill} failed${why}; attempt ${attempt} starts at ${nextAt}`;
}

function whyUnseen(record: RunRecord, sight: 'unreachable' | 'unknown'): Why {
  const known = `The run is ${record.status} according to its record`;
  if (sight === 'unreachable') {
    const message = `${known}; Temporal does not answer, so the current state is unknown`;
    return { reason: 'engine_unreachable', message, command: 'skillos dev status' };
  }
  const message = `${known}; the Temporal server does not have it: its data was deleted, or it is another server`;
  return { reason: 'unknown_run', message, command: 'skillos config' };
}

function whyEnded(record: RunRecord): Why {
  const { status, reason = '', error, policy } = record;
  if (status === 'success') return { reason: 'success', message: 'The run succeeded', command: show(record) };
  const code = isErrorCode(reason) ? reason : 'internal';
  const where = error?.step === undefined ? '' : `Step ${error.step}: `;
  const rule = policy === undefined ? '' : ` (${policy})`;
  const message = `${where}${error?.message ?? ERROR_CODES[code].meaning}${rule}`;
  const command = COMMANDS[code]?.(record) ?? `skillos explain ${code}`;
  return { reason: code, message, command };
}

const logs = ({ id }: RunRecord) => `skillos runs logs ${id}`;
const show = ({ id }: RunRecord) => `skillos runs show ${id}`;
const approval = ({ id }: RunRecord) => `skillos approvals show ${id}`;

/** Commands for codes with more to see than `skillos explain`. */
const COMMANDS: Partial<Record<ErrorCode, (record: RunRecord) => string>> = {
  skill_failed: logs,
  skill_timeout: logs,
  skill_crashed: logs,
  skill_out_of_memory: logs,
  outcome_unknown: logs,
  permission_denied: ({ skill }) =>
    skill === 'pipeline' ? 'skillos explain permission_denied' : `skillos auth can-i run ${skill} --explain`,
  approval_denied: approval,
  approval_expired: approval,
  budget_exceeded: () => 'skillos budget',
  circuit_open: () => 'skillos circuit list',
  run_cancelled: ({ id }) => `skillos audit list --run ${id}`,
  run_terminated: show,
};

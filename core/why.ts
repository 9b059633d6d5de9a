/** Why a run stands where it stands: one reason of a closed list, a sentence, and the command that helps. */
import type { ErrorCode } from './error-codes.ts';
import { ERROR_CODES, isErrorCode } from './error-codes.ts';
import type { JsonValue } from './json.ts';
import { approvalCount, expiryOf } from './parked-run.ts';
import { isInFlight } from './run.ts';
import type { ParkedApproval, RunRecord } from './run.ts';

/** What keeps a run that has not ended. */
type Wait = 'queued' | 'awaiting_approval' | 'paused' | 'backing_off' | 'running';

/** A run that ended did so well, or under the code of an error; `no_worker` is such a code too. */
type WhyReason = Wait | 'success' | ErrorCode;

export interface Why {
  readonly reason: WhyReason;
  readonly message: string;
  readonly command: string;
}

/** What Temporal tells of a step that has not ended. */
export interface PendingStep {
  readonly skill: string;
  /** As in the trace. */
  readonly activityId?: string;
  readonly isRunning: boolean;
  readonly attempt: number;
  /** When it is tried again; ISO 8601. */
  readonly nextAt?: string;
  /** Why the last attempt failed. */
  readonly failure?: string;
  /** What the skill said last of how far it is. */
  readonly progress?: JsonValue;
}

/** How a run in flight looks from outside its record. */
export interface Sight {
  /** Whether a worker has ever had the run. */
  readonly isTaken: boolean;
  readonly pending: readonly PendingStep[];
  readonly hasWorker: boolean;
  /** ISO 8601. */
  readonly now: string;
}

/** `unreachable`: Temporal does not answer; `unknown`: it has no such run. */
export function whyOf(record: RunRecord, sight: Sight | 'unreachable' | 'unknown'): Why {
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
  return { reason: 'paused', message: `Stepped through, and paused${where}`, command: `skillos debug ${id}` };
}

function whyBusy(record: RunRecord, { isTaken, pending, hasWorker, now }: Sight): Why {
  const watch = `skillos runs watch ${record.id}`;
  const running = pending.find((step) => step.isRunning);
  if (running !== undefined) return { reason: 'running', message: runningText(running), command: watch };
  const [waiting] = pending;
  if (waiting?.nextAt !== undefined && waiting.nextAt > now) {
    return {
      reason: 'backing_off',
      message: backingOffText(waiting),
      command: `skillos runs logs ${record.id}`,
    };
  }
  if (!hasWorker) {
    const message = 'No worker polls the task queue; the run is durable and goes on when one comes';
    return { reason: 'no_worker', message, command: 'skillos worker' };
  }
  if (!isTaken) {
    return { reason: 'queued', message: 'A worker is there and has not taken the run yet', command: watch };
  }
  return { reason: 'running', message: 'Between steps: a worker has it in hand', command: watch };
}

function runningText({ skill, attempt }: PendingStep): string {
  return `Skill ${skill} runs${attempt > 1 ? `, in attempt ${attempt}` : ''}`;
}

function backingOffText({ skill, attempt, nextAt, failure }: PendingStep): string {
  const why = failure === undefined ? '' : ` (${failure})`;
  return `Skill ${skill} failed${why} and is tried again, for attempt ${attempt}, at ${nextAt}`;
}

function whyUnseen(record: RunRecord, sight: 'unreachable' | 'unknown'): Why {
  const known = `By its record the run is ${record.status}`;
  if (sight === 'unreachable') {
    const message = `${known}; Temporal does not answer, so what it does now cannot be told`;
    return { reason: 'engine_unreachable', message, command: 'skillos dev status' };
  }
  const message = `${known}; the Temporal server does not know it: it was wiped, or it is another one`;
  return { reason: 'unknown_run', message, command: 'skillos config' };
}

function whyEnded(record: RunRecord): Why {
  const { status, reason = '', error, policy } = record;
  if (status === 'success') return { reason: 'success', message: 'It succeeded', command: show(record) };
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

/** What to look at next, where that is more than what the code means. */
const COMMANDS: Partial<Record<ErrorCode, (record: RunRecord) => string>> = {
  skill_failed: logs,
  skill_timeout: logs,
  skill_crashed: logs,
  skill_out_of_memory: logs,
  outcome_unknown: logs,
  permission_denied: ({ skill }) =>
    `skillos auth can-i run ${skill === 'pipeline' ? '<skill>' : skill} --explain`,
  approval_denied: approval,
  approval_expired: approval,
  budget_exceeded: () => 'skillos budget',
  circuit_open: () => 'skillos circuit list',
  run_cancelled: ({ id }) => `skillos audit list --run ${id}`,
  run_terminated: show,
};

/** A run as `skillos.run/v1`, for `--json` and the API. */
import { inUnits } from '../values/amount.ts';
import { approvalItem } from './approval-document.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { hasApproval } from './run-approval.ts';
import type { RunRecord, RollbackResult } from './run.ts';
import type { RunTrace } from './trace.ts';

export interface RunParts {
  readonly record: RunRecord;
  readonly trace: RunTrace;
  /** The loaded output. */
  readonly result?: JsonValue;
  readonly url?: string;
}

export function runDocument(parts: RunParts): JsonObject & { readonly schema: string } {
  const { record, trace, result, url } = parts;
  const error = record.error;
  return {
    schema: 'skillos.run/v1',
    run_id: record.id,
    status: record.status,
    ...(record.reason === undefined ? {} : { reason: record.reason }),
    ...(record.policy === undefined ? {} : { policy: record.policy }),
    skill: record.skill,
    ...startOf(record),
    ...(record.digest === undefined ? {} : { plan_digest: record.digest }),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    steps: stepDocuments(record, trace),
    ...(record.warnings === undefined ? {} : { warnings: record.warnings.map(({ message }) => message) }),
    ...(record.cost === undefined ? {} : { cost: inUnits(record.cost) }),
    ...(record.claim === undefined ? {} : { tier: record.claim.tier }),
    ...waitingOf(record),
    ...(record.undoings === undefined ? {} : { rollback: record.undoings.map(rollbackDocument) }),
    ...(record.origin === undefined
      ? {}
      : { origin: { run_id: record.origin.runId, from: record.origin.from } }),
    principal: record.principal.subject,
    created_at: record.createdAt,
    ...(record.startedAt === undefined ? {} : { started_at: record.startedAt }),
    ...(record.endedAt === undefined ? {} : { ended_at: record.endedAt }),
    ...(url === undefined ? {} : { url }),
  };
}

/** The approval of the run, and the step before which it is paused. */
function waitingOf(record: RunRecord): JsonObject {
  const { pause } = record;
  return {
    ...(hasApproval(record) ? { approval: approvalItem(record) } : {}),
    ...(pause === undefined ? {} : { paused_before: { step: pause.step, skill: pause.skill } }),
  };
}

function rollbackDocument({ step, skill, failure }: RollbackResult): JsonObject {
  if (failure === undefined) return { step, skill, status: 'success' };
  return { step, skill, status: 'error', error: { code: failure.code, message: failure.message } };
}

/** Names a run to people: its skill, or the plan of a pipeline, such as `expense/load → expense/report`. */
export function titleOf({ skill, title = skill }: Pick<RunRecord, 'skill' | 'title'>): string {
  return skill === 'pipeline' ? title : skill;
}

/** A run in a list. */
export function runItem(run: RunRecord): JsonObject {
  return {
    run_id: run.id,
    status: run.status,
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    skill: run.skill,
    ...startOf(run),
    principal: run.principal.subject,
    created_at: run.createdAt,
    ...(run.startedAt === undefined ? {} : { started_at: run.startedAt }),
    ...(run.endedAt === undefined ? {} : { ended_at: run.endedAt }),
  };
}

/** The schedule or the trigger of a webhook that has started the run, if one of them did, and its session. */
function startOf({ schedule, job, session }: RunRecord): JsonObject {
  const trigger = job?.trigger;
  return {
    ...(schedule === undefined ? {} : { schedule }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(session === undefined ? {} : { session_id: session.id }),
  };
}

type UntracedStatus =
  'waiting' | 'awaiting_approval' | 'paused' | 'skipped' | 'taken_over' | 'success' | 'unknown';

/** Status of a step without an activity in the history. If the history is deleted, it follows from the end of the run. */
export function untracedStatus(record: RunRecord, trace: RunTrace, number: number): UntracedStatus {
  const { status, origin, pause, approval } = record;
  if (trace.startedAt === undefined) return status === 'success' ? 'success' : 'unknown';
  if (trace.pauses?.some(({ step, ended }) => step === number && ended === 'skip')) return 'skipped';
  if (origin !== undefined && (number < origin.from || status === 'success')) return 'taken_over';
  if (status === 'success') return 'success';
  if (status === 'awaiting_approval' && approval?.step === number) return 'awaiting_approval';
  return pause?.step === number ? 'paused' : 'waiting';
}

/** All steps of the plan, with details from the history if Temporal still keeps it. */
function stepDocuments(record: RunRecord, trace: RunTrace): readonly JsonObject[] {
  const traced = new Map(trace.steps.map((step) => [step.number, step]));
  return record.steps.map(({ number, skill, hash, variant }) => {
    const step = traced.get(number);
    const base = { id: number, skill, hash, ...(variant === undefined ? {} : { variant }) };
    if (step === undefined) {
      const status = untracedStatus(record, trace, number);
      return { ...base, status, ...(status === 'waiting' ? { attempts: 0 } : {}) };
    }
    return {
      ...base,
      status: step.status,
      attempts: step.attempts,
      ...(step.startedAt === undefined ? {} : { started_at: step.startedAt }),
      ...(step.endedAt === undefined ? {} : { ended_at: step.endedAt }),
      ...(step.failure === undefined
        ? {}
        : { error: { code: step.failure.code, message: step.failure.message } }),
      ...(step.output !== undefined && 'value' in step.output ? { output: step.output.value } : {}),
    };
  });
}

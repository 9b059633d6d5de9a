/** Decides which attempt of a step that is not safe to repeat may call its skill: the first one that records it. */
import type { RunRecord } from '../run.ts';

/** One delivery of the activity of a step. */
export interface StepAttempt {
  readonly executionId: string;
  /** The number of the step; `2:rollback` for the rollback of step 2. */
  readonly step: string;
  /** Unique, also among deliveries that Temporal counts as one attempt. */
  readonly id: string;
}

/**
 * `unbegun`: no attempt has begun. `own`: this attempt has. `other`: another one has, and has not reported a failure, so that
 * the skill may have had its effect. `over`: the run has ended, or goes on in another execution after a reset.
 */
export type StepStanding = 'unbegun' | 'own' | 'other' | 'over';

export function standingOf(record: RunRecord, attempt: StepAttempt): StepStanding {
  const { executionId, step, id } = attempt;
  const begun = record.begun?.[step];
  if (begun?.executionId === executionId) return begun.attempt === id ? 'own' : 'other';
  const isOver =
    record.executionId === executionId
      ? record.endedAt !== undefined
      : record.resetExecutions?.includes(executionId);
  return isOver === true ? 'over' : 'unbegun';
}

/** Records that the attempt begins; returns the record unchanged if it may not. Idempotent. */
export function beginStep(record: RunRecord, attempt: StepAttempt): RunRecord {
  if (standingOf(record, attempt) !== 'unbegun') return record;
  const { executionId, step, id } = attempt;
  return { ...record, begun: { ...record.begun, [step]: { executionId, attempt: id } } };
}

/** The attempt has failed and said so, so that another one may begin. */
export function releaseStep(record: RunRecord, attempt: StepAttempt): RunRecord {
  if (standingOf(record, attempt) !== 'own') return record;
  const { [attempt.step]: _released, ...begun } = { ...record.begun };
  return { ...record, begun };
}

/**
 * Lets one attempt at most call the skill of a step that is not safe to repeat. Temporal may hand out an activity that no
 * worker receives, so a lost attempt is followed by another one, which goes on if none has begun.
 */
import { Context } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import { untilKept, untilStored } from '../../adapters/storage/absent-store.ts';
import { SkillosError } from '../../core/errors/errors.ts';
import type { ScheduledStep } from '../../core/plans/plan.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { beginStep, releaseStep, standingOf } from '../../core/runs/steps/begun-step.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { OpeningInput, StepInput } from '../../workflows/messages.ts';
import { currentExecution } from '../execution.ts';
import { asApplicationFailure } from '../failures.ts';
import type { WorkerPorts } from '../ports.ts';

/** All methods wait for a store that cannot be reached. */
export interface AttemptGuard {
  /** Rejects with `outcome_unknown` if another attempt has begun. */
  refuseBegun(): Promise<void>;
  /** Records the begin in a change of the run record that is made anyway; then `begin` writes nothing. */
  recordIn(record: RunRecord): RunRecord;
  /**
   * When it resolves, this attempt calls the skill at once, and no other may. Rejects also with `run_finished`, and if the attempt
   * is cancelled.
   */
  begin(): Promise<void>;
  /** True once `begin` has resolved. */
  mayHaveCalled(): boolean;
  /**
   * Lets another attempt begin. Never rejects: without it the next attempt ends as `outcome_unknown`. Tries once if this attempt is
   * cancelled.
   */
  release(): Promise<void>;
}

/** Of a step that is safe to repeat: any attempt may call the skill. */
const UNGUARDED: AttemptGuard = {
  refuseBegun: async () => undefined,
  recordIn: (record) => record,
  begin: async () => undefined,
  mayHaveCalled: () => true,
  release: async () => undefined,
};

export function guardAttempt(
  ports: Pick<WorkerPorts, 'records'>,
  step: ScheduledStep,
  input: StepInput | OpeningInput,
): AttemptGuard {
  if (step.repeatable) return UNGUARDED;
  const { cancellationSignal: signal } = Context.current();
  const { id: runId, executionId } = currentExecution();
  const isRollback = !('opens' in input) && input.undoes === true;
  const attempt = {
    executionId,
    step: `${step.number}${isRollback ? ':rollback' : ''}`,
    id: crypto.randomUUID(),
  };
  const records = runRecords(ports.records);
  const update = (change: (record: RunRecord, of: typeof attempt) => RunRecord) =>
    records.update(runId, (current) => (current === undefined ? undefined : change(current, attempt)));
  /** `recording`: the write has begun; if it fails, it may still have been stored. */
  let state: 'unrecorded' | 'recording' | 'recorded' | 'calling' = 'unrecorded';
  return {
    async refuseBegun() {
      const record = await untilStored(() => records.get(runId), signal);
      if (record !== undefined && standingOf(record, attempt) === 'other') throw lost(step);
    },
    recordIn(record) {
      if (step.concurrency !== undefined) return record; // it may have to wait first
      const begun = beginStep(record, attempt);
      state = standingOf(begun, attempt) === 'own' ? 'recorded' : 'unrecorded';
      return begun;
    },
    async begin() {
      if (state === 'unrecorded') {
        state = 'recording';
        const record = await untilStored(() => update(beginStep), signal);
        const standing = record === undefined ? 'over' : standingOf(record, attempt);
        if (standing === 'other') throw lost(step);
        if (standing === 'over') throw new SkillosError('run_finished', `Run "${runId}" has ended`);
      }
      signal.throwIfAborted();
      state = 'calling';
    },
    mayHaveCalled: () => state === 'calling',
    async release() {
      if (state !== 'unrecorded') await untilKept(() => update(releaseStep), signal).catch(() => undefined);
    },
  };
}

/** Says nothing of attempts: one alone has called the skill. */
function lost({ skill }: ScheduledStep): ApplicationFailure {
  const message = `Worker lost while skill "${skill}" ran; it may or may not have had its effect`;
  return asApplicationFailure(new SkillosError('outcome_unknown', message));
}

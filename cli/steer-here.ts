/** Stepping through a run in the call that follows it. */
import type { Actor } from '../client/actor.ts';
import type { Temporal } from '../client/connection.ts';
import { findRun } from '../client/run-records.ts';
import { pauseOf, steer } from '../client/steps.ts';
import { isSkillosError } from '../core/errors.ts';
import type { RunRecord } from '../core/run.ts';
import type { CliContext } from './context.ts';
import type { Runtime } from './runtime.ts';
import { promptStep } from './step-prompt.ts';

interface Steering {
  readonly runtime: Runtime;
  readonly temporal: Temporal;
  readonly context: CliContext;
  /** As the run was paused when its history told so. */
  readonly record: RunRecord;
  readonly actor: Actor;
}

/** Whether the run goes on: false where the person leaves it as it stands. */
export async function steerHere(steering: Steering): Promise<boolean> {
  const { runtime, temporal, context, record, actor } = steering;
  const { ports } = runtime;
  const paused = await pauseOf(ports, record);
  if (paused === undefined) return true;
  const order = await promptStep(paused, context);
  if (order === undefined) return false;
  const run = await findRun(ports, record.id);
  if (run.pause?.step !== paused.step) {
    context.stderr.write('somebody else has told the run how to go on\n');
    return true;
  }
  try {
    await steer(ports, temporal, { actor, run, order });
  } catch (error) {
    if (!isSkillosError(error, 'run_not_paused') && !isSkillosError(error, 'run_finished')) throw error;
    context.stderr.write(`${error.message}\n`);
  }
  return true;
}

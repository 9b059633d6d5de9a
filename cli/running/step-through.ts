/** Steps through a run in the command that follows it. */
import type { Actor } from '../../client/audit/authorize.ts';
import type { Temporal } from '../../client/temporal/connection.ts';
import { findRun } from '../../client/runs/run-records.ts';
import { pauseOf, controlRun } from '../../client/runs/step-control.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { CliContext } from '../context.ts';
import type { Runtime } from '../runtime.ts';
import { forTerminal } from '../views/plain-text.ts';
import { promptStep } from '../input/step-prompt.ts';

interface Stepping {
  readonly runtime: Runtime;
  readonly temporal: Temporal;
  readonly context: CliContext;
  /** The record at the pause in the history. */
  readonly record: RunRecord;
  readonly actor: Actor;
}

/** Resolves to true if the run continues, to false if the person leaves it paused. */
export async function stepThrough(stepping: Stepping): Promise<boolean> {
  const { runtime, temporal, context, record, actor } = stepping;
  const { ports } = runtime;
  const paused = await pauseOf(ports, record);
  if (paused === undefined) return true;
  const order = await promptStep(paused, context);
  if (order === undefined) return false;
  const run = await findRun(ports, record.id);
  if (run.pause?.step !== paused.step) {
    context.stderr.write('another caller has already continued the run\n');
    return true;
  }
  try {
    await controlRun(ports, temporal, { actor, run, order });
  } catch (error) {
    if (!isSkillosError(error, 'run_not_paused') && !isSkillosError(error, 'run_finished')) throw error;
    context.stderr.write(`${forTerminal(error.message)}\n`);
  }
  return true;
}

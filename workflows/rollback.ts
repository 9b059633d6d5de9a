/** Rollback: runs the rollback skills of completed steps in reverse order, each with the output of its step. */
import type { RollbackResult } from '../core/runs/run.ts';
import { runFailure } from './failures.ts';
import { runToEnd } from './step.ts';
import type { Progress } from './progress.ts';
import type { Done, Interpreter } from './interpreter.ts';

/** A rollback that fails does not stop those after it. */
export async function rollBack(
  interpreter: Interpreter,
  progress: Progress,
): Promise<readonly RollbackResult[]> {
  const results: RollbackResult[] = [];
  for (const done of interpreter.done.toReversed()) {
    const result = await rollBackStep(done, interpreter);
    if (result === undefined) continue;
    results.push(result);
    if (result.failure === undefined) progress.set(done.step, 'rolled back');
  }
  return results;
}

async function rollBackStep(
  { step, output }: Done,
  interpreter: Interpreter,
): Promise<RollbackResult | undefined> {
  if (step.rollback === undefined) return undefined;
  const result = { step: step.number, skill: step.rollback.skill };
  try {
    const rollbackEntry = { ...step.rollback, number: step.number };
    await runToEnd(rollbackEntry, interpreter.rollbackCallOf(rollbackEntry, output));
    return result;
  } catch (error) {
    return { ...result, failure: runFailure(error) };
  }
}

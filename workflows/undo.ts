/** Going back: what completed steps did is undone in reverse, each with what it put out. */
import type { Undoing } from '../core/run.ts';
import { runFailure } from './failures.ts';
import { runToEnd } from './step.ts';
import type { Progress } from './progress.ts';
import type { Done, Walk } from './walk.ts';

/** One that fails does not keep the others from being undone. */
export async function undo(walk: Walk, progress: Progress): Promise<readonly Undoing[]> {
  const undoings: Undoing[] = [];
  for (const done of walk.done.toReversed()) {
    const undoing = await undoStep(done, walk);
    if (undoing === undefined) continue;
    undoings.push(undoing);
    if (undoing.failure === undefined) progress.set(done.step, 'undone');
  }
  return undoings;
}

async function undoStep({ step, output }: Done, walk: Walk): Promise<Undoing | undefined> {
  if (step.rollback === undefined) return undefined;
  const undoing = { step: step.number, skill: step.rollback.skill };
  try {
    const undoer = { ...step.rollback, number: step.number };
    await runToEnd(undoer, { ...walk.callOf(undoer, output), undoes: true });
    return undoing;
  } catch (error) {
    return { ...undoing, failure: runFailure(error) };
  }
}

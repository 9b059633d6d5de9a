/**
 * The activities' half of the fast path; workflows/fast-path.ts describes the two shortcuts and their contract. The
 * activity of a step calls its skill through `runOnFastPath`; all other activities know the plain order of verbs only.
 */
import { Context } from '@temporalio/activity';
import { untilStored } from '../adapters/storage/absent-store.ts';
import type { ScheduledStep } from '../core/plans/plan.ts';
import { onlyStep } from '../core/runs/single-request.ts';
import type { Carried } from '../core/values/carried.ts';
import type { OpeningInput, StepInput, StepResult } from '../workflows/messages.ts';
import { openRun } from './fast-path/opening.ts';
import { resultOfLost, settleLast } from './fast-path/settlement.ts';
import type { WorkerPorts } from './ports.ts';
import type { AttemptGuard } from './steps/begun-step.ts';
import type { Count } from './steps/limited-step.ts';

/**
 * Runs a step with `callSkill`: prepares the run first if the step opens it, and settles the run if the step completes
 * it. Does not call the skill if an earlier attempt has settled the run.
 */
export async function runOnFastPath(
  ports: WorkerPorts,
  {
    given,
    count,
    guard,
  }: { readonly given: StepInput | OpeningInput; readonly count: Count; readonly guard: AttemptGuard },
  callSkill: (input: StepInput) => Promise<Carried>,
): Promise<StepResult> {
  const { cancellationSignal: signal } = Context.current();
  const { delivery, attempt } = count;
  const recorded = delivery > 1 ? await untilStored(() => resultOfLost(ports, given), signal) : undefined;
  if (recorded !== undefined) return recorded;
  const input =
    'opens' in given ? await untilStored(() => openRun(ports, given, { count, guard }), signal) : given;
  const output = await callSkill(input);
  return settleLast(ports, input, attempt > 1 ? { ...output, retries: attempt - 1 } : output);
}

/** The step of an activity, as far as it is known before the run is prepared. */
export function scheduledStep(given: StepInput | OpeningInput): ScheduledStep {
  return 'opens' in given ? onlyStep(given.opens) : given.step;
}

/** The only workflow: prepare, then walk the plan, then settle, in an order that survives any crash. */
import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { Carried } from '../core/carried.ts';
import { executePlan } from '../core/execute-plan.ts';
import type { FrozenStep } from '../core/plan.ts';
import type { Prepared, Principal, RunOutcome, RunRequest } from '../core/run.ts';
import { gates, runSkill } from './activities.ts';
import { cancelled, closingFailure, isLost, runFailure, stepFailure } from './failures.ts';
import type { Settlement, StepInput } from './messages.ts';
import { openProgress } from './progress.ts';
import type { Progress } from './progress.ts';

type Ready = Extract<Prepared, { status: 'ready' }>;

/** Losing the worker this often in one step is not bad luck any more. */
const MAX_LOSSES = 100;

export async function run(request: RunRequest): Promise<RunOutcome> {
  const settlement = await execute(request);
  await CancellationScope.nonCancellable(() => gates.settle(request, settlement));
  switch (settlement.status) {
    case 'success':
      return settlement;
    case 'blocked':
      return { status: 'blocked', reason: settlement.reason, message: settlement.message };
    case 'cancelled':
      throw cancelled();
    case 'error':
      throw closingFailure(settlement.failure);
  }
}

async function execute(request: RunRequest): Promise<Settlement> {
  try {
    const prepared = await gates.prepare(request);
    if (prepared.status === 'blocked') return prepared;
    if (prepared.status === 'error') return { status: 'error', failure: prepared.failure };
    return { status: 'success', output: await walk(prepared, request.principal) };
  } catch (error) {
    return isCancellation(error) ? { status: 'cancelled' } : { status: 'error', failure: runFailure(error) };
  }
}

/** Steps are told who asks, and no more of the principal than that. */
function walk(prepared: Ready, { subject, roles }: Principal): Promise<Carried> {
  const progress = openProgress(prepared.plan);
  return executePlan(prepared.plan, prepared.payload, {
    runStep: (step, input) => runStep({ step, input, principal: { subject, roles }, progress }),
    inScope: (work) => CancellationScope.cancellable(() => work(cancelScope())),
    parallelLimit: prepared.parallelLimit,
  });
}

function cancelScope(): () => void {
  const scope = CancellationScope.current();
  return () => scope.cancel();
}

async function runStep(call: {
  readonly step: FrozenStep;
  readonly input: Carried;
  readonly principal: StepInput['principal'];
  readonly progress: Progress;
}): Promise<Carried> {
  const { step, input, principal, progress } = call;
  progress.set(step, 'running');
  for (let losses = 0; ; losses++) {
    try {
      const output = await runSkill({
        step,
        payload: step.payload ?? input,
        principal,
        attemptsBefore: losses * step.retry.maxAttempts,
      });
      progress.set(step, 'done');
      return output;
    } catch (error) {
      // Lost workers do not use up the skill's own attempts.
      if (isLost(error) && step.repeatable && losses < MAX_LOSSES) continue;
      progress.set(step, isCancellation(error) ? 'cancelled' : 'failed');
      throw stepFailure(error, step);
    }
  }
}

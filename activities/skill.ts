/** The activity that runs one step: input in, frozen code called in its own process, output carried on. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { carryText, uncarry } from '../adapters/carrying.ts';
import { acceptInput } from '../core/accept-input.ts';
import type { Carried } from '../core/carried.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { FrozenStep } from '../core/plan.ts';
import { riskOf, textsOf } from '../core/risk.ts';
import type { StepInput, StepResult } from '../workflows/messages.ts';
import { asApplicationFailure, reporting } from './failures.ts';
import type { WorkerPorts } from './ports.ts';
import { openRunLog } from './run-log.ts';
import { outputOfLost, settleLast } from './settle.ts';

/** How often a running step tells the server that it lives; also how soon it hears of a cancellation. */
const HEARTBEAT_INTERVAL_MS = 1000;

/** Its activity type is the skill's id; the key for effects is the run and the step, so it outlives attempts. */
export async function runStep(ports: WorkerPorts, input: StepInput): Promise<StepResult> {
  const context = Context.current();
  const attempt = input.attemptsBefore + context.info.attempt;
  const { last } = input;
  if (last === undefined) return attemptStep(ports, input, attempt);
  const settled = attempt === 1 ? undefined : await reporting(() => outputOfLost(ports));
  if (settled !== undefined) return settled;
  const output = await attemptStep(ports, input, attempt);
  const account = { ...last, succeeded: [...last.succeeded, input.step.number] };
  return reporting(() => settleLast(ports, output, account));
}

async function attemptStep(ports: WorkerPorts, input: StepInput, attempt: number): Promise<Carried> {
  const context = Context.current();
  const runId = context.info.workflowExecution?.workflowId ?? '';
  const { step, tier } = input;
  const log = openRunLog(ports, runId, { step: step.number, attempt });
  const heart = startHeart(context);
  try {
    const value = await uncarry(input.payload, ports.blobs);
    if (input.unapproved === true) assertHarmless(step, value);
    const payload = acceptInput(step.accepts, value);
    const { subject, roles } = input.principal;
    const text = await ports.host.run(
      {
        runId,
        step,
        attempt,
        idempotencyKey: `${runId}:${step.number}${input.undoes === true ? ':rollback' : ''}`,
        ...(tier === undefined ? {} : { tier }),
        principal: { subject, roles },
        payload,
      },
      { signal: context.cancellationSignal, onLog: log.write, onHeartbeat: heart.beat },
    );
    return await carryText(text, ports.blobs);
  } catch (error) {
    throw context.cancellationSignal.aborted
      ? interruption(context, step)
      : asApplicationFailure(sharpen(error, step));
  } finally {
    heart.stop();
    await log.close();
  }
}

/** What an earlier step put out may ask for more than was asked at first; then people look before it is done. */
function assertHarmless({ sideEffects }: FrozenStep, value: JsonValue): void {
  const { level, reasons } = riskOf({ ids: [], texts: textsOf(value), sideEffects });
  if (level === 'high') throw new SkillosError('approval_required', reasons.join('; '));
}

function startHeart(context: Context): { beat: (progress: JsonValue) => void; stop: () => void } {
  let progress: JsonValue = null;
  const timer = setInterval(() => context.heartbeat(progress), HEARTBEAT_INTERVAL_MS);
  return {
    beat: (value) => {
      progress = value;
      context.heartbeat(value);
    },
    stop: () => clearInterval(timer),
  };
}

/** What to say of a step that was stopped: asked for by the run, or because this worker leaves. */
function interruption(context: Context, step: FrozenStep): unknown {
  if (context.cancellationDetails?.cancelRequested) return context.cancellationSignal.reason;
  const message = `Worker shut down while skill "${step.skill}" ran`;
  return step.repeatable
    ? ApplicationFailure.create({ type: 'skill_crashed', message })
    : ApplicationFailure.create({ type: 'outcome_unknown', message, nonRetryable: true });
}

/** An error that the manifest lists under `retry.non_retryable` is final. */
function sharpen(error: unknown, step: FrozenStep): unknown {
  if (!isSkillosError(error, 'skill_failed')) return error;
  const name = error.details?.['name'];
  if (typeof name !== 'string' || !step.retry.nonRetryable.includes(name)) return error;
  return new SkillosError(error.code, error.message, {
    details: { ...error.details, permanent: true },
    cause: error,
  });
}

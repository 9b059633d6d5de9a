/** The activity that runs one step: input in, frozen code called in its own process, output carried on. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { untilStored } from '../adapters/absent-store.ts';
import { carryText, uncarry } from '../adapters/carrying.ts';
import { acceptInput } from '../core/accept-input.ts';
import type { Carried } from '../core/carried.ts';
import { SkillosError, isSkillosError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import type { FrozenStep } from '../core/plan.ts';
import { onlyStep } from '../core/run.ts';
import { riskOf, textsOf } from '../core/risk.ts';
import type { Last, OpeningInput, StepInput, StepResult } from '../workflows/messages.ts';
import { asApplicationFailure } from './failures.ts';
import type { WorkerPorts } from './ports.ts';
import { openStep } from './opening.ts';
import { openRunLog } from './run-log.ts';
import { outputOfLost, settleLast } from './settle.ts';

/** How often a running step tells the server that it lives; also how soon it hears of a cancellation. */
const HEARTBEAT_INTERVAL_MS = 1000;

/** Its activity type is the skill's id; the key for effects is the run and the step, so it outlives attempts. */
export async function runStep(ports: WorkerPorts, input: StepInput | OpeningInput): Promise<StepResult> {
  const context = Context.current();
  const step = 'opens' in input ? onlyStep(input.opens) : input.step;
  const heart = startHeart(context);
  try {
    return await attemptStep(ports, input, heart);
  } catch (error) {
    throw context.cancellationSignal.aborted
      ? interruption(context, step)
      : asApplicationFailure(sharpen(error, step));
  } finally {
    heart.stop();
  }
}

async function attemptStep(
  ports: WorkerPorts,
  given: StepInput | OpeningInput,
  heart: Heart,
): Promise<StepResult> {
  const { info, cancellationSignal: signal } = Context.current();
  const attempt = given.attemptsBefore + info.attempt;
  const lost = attempt > 1 ? lastIn(given) : undefined;
  if (lost !== undefined) {
    const settled = await untilStored(() => outputOfLost(ports, lost), signal);
    if (settled !== undefined) return settled;
  }
  const input = 'opens' in given ? await untilStored(() => openStep(ports, given, attempt), signal) : given;
  const output = await callSkill(ports, input, { attempt, heart });
  const finished = lastIn(input);
  return finished === undefined ? output : settleLast(ports, { ...finished, output });
}

/** Of a step with whose success its run may have succeeded. */
function lastIn(
  input: StepInput | OpeningInput,
): { readonly number: number; readonly last: Last } | undefined {
  if ('opens' in input) return { number: 1, last: { succeeded: [] } };
  const { step, last } = input;
  return last === undefined ? undefined : { number: step.number, last };
}

/**
 * A store that is away uses up no attempt, and once the skill has succeeded what it put out is kept however long that
 * takes: to fail then could have its effect again.
 */
async function callSkill(
  { blobs, host, journal, now }: WorkerPorts,
  input: StepInput,
  { attempt, heart }: { readonly attempt: number; readonly heart: Heart },
): Promise<Carried> {
  const { info, cancellationSignal: signal } = Context.current();
  const runId = info.workflowExecution?.workflowId ?? '';
  const { step, tier } = input;
  const log = openRunLog({ journal, now }, runId, { step: step.number, attempt });
  try {
    const value = await untilStored(() => uncarry(input.payload, blobs), signal);
    if (input.unapproved === true) assertHarmless(step, value);
    const payload = acceptInput(step.accepts, value);
    const { subject, roles } = input.principal;
    const text = await host.run(
      {
        runId,
        step,
        attempt,
        idempotencyKey: `${runId}:${step.number}${input.undoes === true ? ':rollback' : ''}`,
        ...(tier === undefined ? {} : { tier }),
        principal: { subject, roles },
        payload,
      },
      { signal, onLog: log.write, onHeartbeat: heart.beat },
    );
    return await untilStored(() => carryText(text, blobs), signal);
  } finally {
    await log.close();
  }
}

/** What an earlier step put out may ask for more than was asked at first; then people look before it is done. */
function assertHarmless({ sideEffects }: FrozenStep, value: JsonValue): void {
  const { level, reasons } = riskOf({ ids: [], texts: textsOf(value), sideEffects });
  if (level === 'high') throw new SkillosError('approval_required', reasons.join('; '));
}

interface Heart {
  readonly beat: (progress: JsonValue) => void;
  readonly stop: () => void;
}

function startHeart(context: Context): Heart {
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
function interruption(context: Context, step: Pick<FrozenStep, 'skill' | 'repeatable'>): unknown {
  if (context.cancellationDetails?.cancelRequested) return context.cancellationSignal.reason;
  const message = `Worker shut down while skill "${step.skill}" ran`;
  return step.repeatable
    ? ApplicationFailure.create({ type: 'skill_crashed', message })
    : ApplicationFailure.create({ type: 'outcome_unknown', message, nonRetryable: true });
}

/** An error that the manifest lists under `retry.non_retryable` is final. */
function sharpen(error: unknown, step: Pick<FrozenStep, 'retry'>): unknown {
  if (!isSkillosError(error, 'skill_failed')) return error;
  const name = error.details?.['name'];
  if (typeof name !== 'string' || !step.retry.nonRetryable.includes(name)) return error;
  return new SkillosError(error.code, error.message, {
    details: { ...error.details, permanent: true },
    cause: error,
  });
}

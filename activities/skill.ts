/** The activity that runs one step: loads the input, calls the frozen code in its own process, stores the output. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { maskOf } from '../adapters/skill-host/masked-call.ts';
import { untilKept, untilStored } from '../adapters/storage/absent-store.ts';
import { carryText, uncarry } from '../adapters/storage/carrying.ts';
import type { OpenAttachments } from '../core/attachments/attachment-records.ts';
import { acceptStepInput } from '../core/skills/accept-input.ts';
import type { Carried } from '../core/values/carried.ts';
import { SkillosError, isSkillosError } from '../core/errors/errors.ts';
import { pauseAfter } from '../core/jobs/job-retry.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { limitedHeartbeat } from '../core/limits/concurrency.ts';
import type { FrozenStep, ScheduledStep } from '../core/plans/plan.ts';
import { riskOf, textsOf } from '../core/approvals/risk.ts';
import { traceparentOf } from '../core/telemetry/trace-context.ts';
import type { OpeningInput, StepInput, StepResult } from '../workflows/messages.ts';
import { openAttachments } from './attachments.ts';
import { asApplicationFailure } from './failures.ts';
import { runOnFastPath, scheduledStep } from './fast-path.ts';
import type { WorkerPorts } from './ports.ts';
import { recordRetry } from './jobs/job-steps.ts';
import { connectorCalls } from './connectors/connector-calls.ts';
import { keepExchanges } from './connectors/kept-exchanges.ts';
import { guardAttempt } from './steps/begun-step.ts';
import { countAttempts, isWait, refuseLosses, slotOf } from './steps/limited-step.ts';
import { openRunLog } from './run-log.ts';
import { seenSession } from './run-record.ts';
import { attemptContext } from './spans.ts';

/** Interval of heartbeats; the answer to one brings a cancellation. */
const HEARTBEAT_INTERVAL_MS = 1000;

/** The activity type is the skill's id. The idempotency key is made of run and step, so it is the same in every attempt. */
export async function runStep(ports: WorkerPorts, input: StepInput | OpeningInput): Promise<StepResult> {
  const context = Context.current();
  const step = scheduledStep(input);
  const count = countAttempts(step, input);
  const { attempt, delivery, waits } = count;
  const heartbeats = startHeartbeats(context, (progress) =>
    step.concurrency === undefined ? progress : limitedHeartbeat(waits, progress),
  );
  const guard = guardAttempt(ports, step, input);
  const slot = slotOf(ports, step, input);
  try {
    refuseLosses(step, input, count);
    if (delivery > 1) await guard.refuseBegun();
    if (waits > 0) await slot.take(); // so that another wait costs little
    return await runOnFastPath(ports, { given: input, count, guard }, async (step) => {
      await slot.take();
      return callSkill(ports, step, { attempt, heartbeats, begin: () => guard.begin() });
    });
  } catch (error) {
    if (context.cancellationSignal.aborted) {
      if (!guard.mayHaveCalled()) await guard.release();
      throw interruption(context, step, guard.mayHaveCalled());
    }
    if (isWait(error)) {
      context.heartbeat(limitedHeartbeat(waits + 1, null));
      throw error;
    }
    const failure = asApplicationFailure(withRetry(error, step, attempt), attempt);
    if (failure.nonRetryable !== true) await guard.release();
    await recordRetry(ports, step, { attempt: context.info.attempt - waits, failure });
    throw failure;
  } finally {
    heartbeats.stop();
    slot.release();
  }
}

interface AttemptParts {
  readonly attempt: number;
  readonly heartbeats: Heartbeats;
  /** See `AttemptGuard`. */
  readonly begin: () => Promise<void>;
}

/**
 * Waits for a store that cannot be reached, which uses up no attempt. After the skill has succeeded it waits until the output
 * is stored, also for room, because a failure then would repeat the effect of the skill.
 */
async function callSkill(
  { blobs, host, journal, now, connectors, events, ...ports }: WorkerPorts,
  input: StepInput,
  { attempt, heartbeats, begin }: AttemptParts,
): Promise<Carried> {
  const { info, cancellationSignal: signal } = Context.current();
  const runId = info.workflowExecution?.workflowId ?? '';
  const { step, tier } = input;
  const where = { step: step.number, attempt, ...(input.undoes === true && { rollback: true as const }) };
  const log = openRunLog({ journal, now }, runId, where);
  const secrets = step.secrets && ports.skillSecrets(step.skill, step.secrets);
  const kept =
    ports.recordCalls && input.undoes !== true
      ? keepExchanges({ journal, runId, where, mask: maskOf(secrets ?? {}) })
      : undefined;
  const trace = ports.tracing && attemptContext(ports.tracing, input.traceparent);
  const attempted = { runId, log, kept, trace };
  const calls = connectorCalls({ ...ports, connectors, events, now }, step, attempted);
  let attachments: OpenAttachments | undefined;
  try {
    const value = await untilStored(() => uncarry(input.payload, blobs), signal);
    if (input.unapproved === true) assertNotHighRisk(step, value);
    const payload = acceptStepInput(step.accepts, value, step.defaults);
    const { subject, roles } = input.principal;
    const session = input.inSession
      ? await untilStored(() => seenSession({ ...ports, blobs }, runId), signal)
      : undefined;
    const asked = { runId, queue: info.taskQueue };
    attachments = await untilStored(() => openAttachments(ports, asked), signal);
    await begin();
    const text = await host.run(
      {
        runId,
        step,
        attempt,
        idempotencyKey: `${runId}:${step.number}${input.undoes === true ? ':rollback' : ''}`,
        ...(tier === undefined ? {} : { tier }),
        ...(trace && { traceparent: traceparentOf(trace) }),
        principal: { subject, roles },
        ...(session && { session }),
        payload,
        attachments: attachments.files,
        ...(secrets && { secrets }),
      },
      {
        signal,
        onLog: log.write,
        onHeartbeat: heartbeats.beat,
        ...calls.hooks,
      },
    );
    return await untilKept(() => carryText(text, blobs), signal);
  } finally {
    await Promise.all([log.close(), calls.close(), attachments?.close()]);
  }
}

/** The output of an earlier step may be of higher risk than the request; then people must approve it first. */
function assertNotHighRisk({ sideEffects }: FrozenStep, value: JsonValue): void {
  const { level, reasons } = riskOf({ ids: [], texts: textsOf(value), sideEffects });
  if (level === 'high') throw new SkillosError('approval_required', reasons.join('; '));
}

interface Heartbeats {
  readonly beat: (progress: JsonValue) => void;
  readonly stop: () => void;
}

function startHeartbeats(context: Context, detailsOf: (progress: JsonValue) => JsonValue): Heartbeats {
  let progress: JsonValue = null;
  const timer = setInterval(() => context.heartbeat(detailsOf(progress)), HEARTBEAT_INTERVAL_MS);
  return {
    beat: (value) => {
      progress = value;
      context.heartbeat(detailsOf(value));
    },
    stop: () => clearInterval(timer),
  };
}

/** The failure of a step that was stopped: by a cancellation, or by the shutdown of this worker. */
function interruption(
  context: Context,
  step: Pick<FrozenStep, 'skill' | 'repeatable'>,
  mayHaveCalled: boolean,
): unknown {
  if (context.cancellationDetails?.cancelRequested) return context.cancellationSignal.reason;
  const message = `Worker shut down ${mayHaveCalled ? 'while' : 'before'} skill "${step.skill}" ran`;
  return step.repeatable || !mayHaveCalled
    ? ApplicationFailure.create({ type: 'skill_crashed', message })
    : ApplicationFailure.create({ type: 'outcome_unknown', message, nonRetryable: true });
}

/**
 * Marks an error as permanent if the manifest lists it under `retry.non_retryable`, or if the retry policy allows no further
 * attempt: Temporal makes more attempts of a step that is not safe to repeat, for those that were lost before they began, and
 * of one with a concurrency limit. For the latter it adds the pause before the next attempt.
 */
function withRetry(error: unknown, step: ScheduledStep, attempt: number): unknown {
  if (!isSkillosError(error)) return error;
  const { retry, repeatable, concurrency } = step;
  const name = error.code === 'skill_failed' ? error.details?.['name'] : undefined;
  const isListed = typeof name === 'string' && retry.nonRetryable.includes(name);
  const isCounted = !repeatable || concurrency !== undefined;
  const pauseMs = pauseAfter(retry, attempt);
  if (isListed || (isCounted && pauseMs === undefined)) return withDetails(error, { permanent: true });
  if (concurrency === undefined || pauseMs === undefined) return error;
  return withDetails(error, { retry_after_ms: pauseMs, ...error.details });
}

function withDetails(error: SkillosError, details: JsonObject): SkillosError {
  const { code, message } = error;
  return new SkillosError(code, message, { details: { ...error.details, ...details }, cause: error });
}

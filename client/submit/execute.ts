/** Checks a plan, and previews it or starts its run and waits for it. */
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Plan, RequestedStep } from '../../core/plans/plan.ts';
import { subjectOf } from '../../core/plans/plan-title.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { skippedEvent } from '../../core/telemetry/events.ts';
import type { EventBody } from '../../core/telemetry/events.ts';
import { checkStartRequest, startRun } from './start-run.ts';
import type { StartRequest, StartedRun } from './start-run.ts';
import type { Outcome, Submission, SubmitOptions, SubmitPorts } from './submission.ts';
import { waitFor } from './wait.ts';

/** A plan to run, and the fields of the document that describe how it was found. */
export interface Runnable {
  readonly kind: 'run';
  readonly plan: Plan<RequestedStep>;
  readonly payload: JsonValue;
  readonly query?: string;
  /** The run to repeat; its options apply unless the caller sets others. */
  readonly repeated?: Pick<StartRequest, 'origin' | 'maxRetries' | 'noRollback' | 'session'> & {
    readonly run: RunRecord;
  };
  readonly document: JsonObject;
}

/** Rejects as `checkStartRequest` does, with `session_forbidden`, and with `plan_changed` if the plan is not the expected one. */
export async function execute(
  world: SubmitPorts,
  submission: Submission,
  runnable: Runnable,
): Promise<Outcome> {
  const { ports } = world;
  const { options, actor } = submission;
  const { document } = runnable;
  const asked = startRequestOf(world, submission, runnable);
  await checkStartRequest(ports, asked, actor.rights);
  await checkSession(world, submission);
  const request = await bound(world, asked, options);
  if (options.isDryRun === true) {
    const { previewRun } = await import('./preview.ts');
    const previewed = await previewRun(ports, await world.previews(), request);
    return { kind: 'previewed', previewed, document };
  }
  await markOrigin(world, runnable);
  const began = performance.now();
  const traced = world.traceparent === undefined ? request : { ...request, traceparent: world.traceparent() };
  const started = await world.temporal.use((temporal) => startRun(ports, temporal, traced));
  const { runId, isReplayed } = started;
  if (!isReplayed) await recordOrigin(world, submission, { runnable, runId });
  world.emit(skippedEvents(request, started));
  const reached = await waitFor(world, submission, { runId, isReplayed });
  return { ...reached, runId, isReplayed, document, seconds: (performance.now() - began) / 1000 };
}

/** The scope of idempotency keys by operation; the names are those of the commands. */
const OPERATIONS = { query: 'run', skill: 'run-skill', steps: 'pipeline run', rerun: 'runs rerun' } as const;

function startRequestOf(world: SubmitPorts, submission: Submission, runnable: Runnable): StartRequest {
  const { wanted, actor, options } = submission;
  const { principal, tenant } = actor.rights;
  const { plan, payload, query } = runnable;
  const { run: _run, ...repeated } = runnable.repeated ?? {};
  const { maxRetries, stepThrough, noRollback, idempotencyKey: key, requestId, job, sessionId } = options;
  const ttlSeconds = world.idempotencyTtlSeconds;
  const operation = job === undefined ? OPERATIONS[wanted.kind] : 'job enqueue';
  return {
    ...repeated,
    plan,
    payload,
    principal,
    tenant,
    ...(query === undefined ? {} : { query }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    ...(job === undefined ? {} : { job }),
    ...(sessionId === undefined ? {} : { session: { id: sessionId, keepLast: world.sessionKeepLast } }),
    ...(stepThrough === true ? { stepThrough } : {}),
    ...(noRollback === true ? { noRollback } : {}),
    ...(key === undefined ? {} : { idempotency: { key, operation, ttlSeconds } }),
  };
}

/** Rejects with `session_forbidden`, also for a dry run. */
async function checkSession({ ports }: SubmitPorts, { actor, options }: Submission): Promise<void> {
  if (options.sessionId === undefined) return;
  const turns = await import('../sessions/turns.ts');
  await turns.checkSession(ports, actor.rights, options.sessionId);
}

/** Compares with the present plan before anything starts; the worker compares again. */
async function bound(
  world: SubmitPorts,
  request: StartRequest,
  { expected }: SubmitOptions,
): Promise<StartRequest> {
  if (expected === undefined) return request;
  const { bindToPlan } = await import('./expected-plan.ts');
  return bindToPlan(world, request, expected);
}

function skippedEvents(request: StartRequest, { keyExpiresAt: expiresAt }: StartedRun): readonly EventBody[] {
  const { idempotency } = request;
  if (idempotency === undefined || expiresAt === undefined) return [];
  const { operation: source, key } = idempotency;
  return [skippedEvent({ source, skill: subjectOf(request), key, expiresAt })];
}

async function markOrigin({ ports }: SubmitPorts, { repeated }: Runnable): Promise<void> {
  if (repeated === undefined) return;
  const { markRepeated } = await import('./rerun.ts');
  await markRepeated(ports, repeated.run.id);
}

async function recordOrigin(
  { ports }: SubmitPorts,
  { actor }: Submission,
  { runnable, runId }: { readonly runnable: Runnable; readonly runId: string },
): Promise<void> {
  if (runnable.repeated === undefined) return;
  const { recordRerun } = await import('./rerun.ts');
  const { run, origin } = runnable.repeated;
  await recordRerun(ports, actor, { run, origin, runId });
}

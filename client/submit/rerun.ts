/** Repeats a run: reads its history, and starts a new run that may reuse recorded outputs. */
import { SkillosError } from '../../core/errors/errors.ts';
import { expand } from '../../core/skills/expand.ts';
import { findForPlan } from '../../core/skills/find-skill.ts';
import { forkOf, forwardedOutputs, hasSameSteps } from '../../core/runs/fork.ts';
import type { Fork, StepHistory } from '../../core/runs/fork.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { RequestedStep, Plan } from '../../core/plans/plan.ts';
import { catalogsWith } from '../../core/runs/prepared-skills.ts';
import { isInFlight } from '../../core/runs/run.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { isoTime } from '../../core/values/iso-time.ts';
import type { RunRecord, RunRequest } from '../../core/runs/run.ts';
import type { RunTrace } from '../../core/runs/trace.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { Temporal } from '../temporal/connection.ts';
import { readRequest } from '../runs/history.ts';
import type { ClientPorts } from '../ports.ts';
import { findRun, listRuns, ofTenant } from '../runs/run-records.ts';
import type { Page, RunFilter } from '../runs/run-records.ts';
import type { StartRequest } from './start-run.ts';
import { traceRun } from '../runs/watch.ts';

const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Limit of later runs that are searched for repetitions. */
const MAX_LATER = 10_000;

export interface RerunRequest {
  /** Number or skill of the first step that runs again; default: all steps run again. */
  readonly from?: string | undefined;
  /** Outputs to use instead of running the step, by the step's number or skill. */
  readonly set: readonly { readonly step: string; readonly value: JsonValue }[];
  /** Use present skills and compositions, instead of those that the run used. */
  readonly latest: boolean;
}

export interface Rerun {
  /** Request for the new run. It runs under the rights of the caller; approvals of the old run are not inherited. */
  readonly ask: Pick<StartRequest, 'plan' | 'payload' | 'origin' | 'maxRetries' | 'noRollback' | 'session'>;
  readonly steps: Fork['steps'];
  /** Numbers of steps whose outputs are reused although the run rolled them back. */
  readonly undone: readonly number[];
}

/** Rejects with `unknown_run`, with `work_refused` if anybody may have sent the request, or as `authorize` does. Needs no Temporal. */
export async function runToRepeat(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const run = ofTenant(await findRun(ports, runId), actor.rights);
  await authorize(ports, actor, { operation: 'runs:operate', run });
  if (run.isUnsigned === true) {
    throw new SkillosError(
      'work_refused',
      `The request of run "${runId}" was not signed, so it is not repeated`,
    );
  }
  return run;
}

/**
 * Call `runToRepeat` first. Rejects with `run_not_finished`, `history_unavailable`, `unknown_step`, `step_not_run`, and with
 * `plan_changed` if a composition has other steps now than when the run used it.
 */
export async function readRerun(
  ports: ClientPorts,
  temporal: Temporal,
  { run, from, set, latest }: RerunRequest & { readonly run: RunRecord },
): Promise<Rerun> {
  const runId = run.id;
  const trace = await traceRun(ports, temporal, runId);
  if (trace.startedAt === undefined) throw forgotten(runId);
  if (trace.end === undefined) {
    throw new SkillosError('run_not_finished', `Run "${runId}" has not ended`);
  }
  const request = await requestOf(temporal, run);
  const plan = await expandedPlan(ports, request, latest ? undefined : run);
  if (!isSame(plan, trace) && !(latest && from === undefined && set.length === 0)) throw changed(runId);
  const { origin, steps } = forkOf({
    runId,
    plan,
    outputs: await forwardedOutputs(plan, request.payload, resultsOf(trace, request)),
    from,
    set: await Promise.all(
      set.map(async ({ step, value }) => ({ step, output: await ports.values.carry(value) })),
    ),
    latest,
  });
  assertSendable(origin);
  const { maxRetries, noRollback, session } = request;
  return {
    ask: {
      plan: request.plan,
      payload: await ports.values.uncarry(request.payload),
      origin,
      ...(maxRetries === undefined ? {} : { maxRetries }),
      ...(noRollback === undefined ? {} : { noRollback }),
      ...(session === undefined ? {} : { session }),
    },
    steps,
    undone: trace.undoings
      .filter(({ number, status }) => status === 'success' && steps[number - 1]?.source === 'recorded')
      .map(({ number }) => number),
  };
}

/** Lists runs as `listRuns` does, without those that a later run repeats, unless that run ended without success. */
export async function runsToRepeat(
  ports: Pick<ClientPorts, 'records'>,
  filter: RunFilter,
): Promise<Page<RunRecord>> {
  const { items, ...rest } = await listRuns(ports, filter);
  const since = items.at(-1)?.createdAt;
  if (since === undefined) return { items };
  const later = await listRuns(ports, { rights: filter.rights, since, limit: MAX_LATER });
  const done = new Set(later.items.filter(isDoneOrGoing).map(({ origin }) => origin?.runId));
  return { items: items.filter(({ id, isUnsigned }) => isUnsigned !== true && !done.has(id)), ...rest };
}

function isDoneOrGoing({ status }: RunRecord): boolean {
  return status === 'success' || isInFlight(status);
}

/** Call before the run starts that repeats this one, so that `storage gc` keeps what it needs. Rejects with `unknown_run`. */
export async function markRepeated(
  { records, now }: Pick<ClientPorts, 'records' | 'now'>,
  runId: string,
): Promise<void> {
  const repeatedAt = isoTime(now());
  const marked = await runRecords(records).update(runId, (run) => run && { ...run, repeatedAt });
  if (marked === undefined) throw new SkillosError('unknown_run', `Unknown run "${runId}"`);
}

/** Audits that `runId` repeats the run. */
export function recordRerun(
  ports: ClientPorts,
  actor: Actor,
  {
    run,
    origin,
    runId,
  }: { readonly run: RunRecord; readonly origin: StartRequest['origin']; readonly runId: string },
): Promise<void> {
  return recordAudit(ports, actor, {
    action: 'run_rerun',
    run: run.id,
    after: { run_id: runId, from: origin?.from ?? 1 },
  });
}

/** Returns the additional fields in the document of a repeating run. */
export function rerunFields(runId: string, { ask: { origin }, steps, undone }: Rerun): JsonObject {
  return {
    origin: { run_id: runId, from: origin?.from ?? 1 },
    taken_over: steps
      .filter(({ source }) => source !== 'run')
      .map(({ number, skill, source }) => ({
        step: number,
        skill,
        from: source,
        undone: undone.includes(number),
      })),
  };
}

/** Expands compositions as the worker will: the request names compositions, which bring their own approval rules. */
async function expandedPlan(
  { catalogs, values }: ClientPorts,
  request: RunRequest,
  run: RunRecord | undefined,
): Promise<Plan<RequestedStep>> {
  const entries = await findForPlan(catalogsWith(catalogs, run, values), request.plan);
  return expand(request.plan, new Map(entries.map((entry) => [entry.id, entry]))).plan;
}

/** True also if the run ended before its plan was frozen: there is no plan to differ from. */
function isSame(plan: Plan<RequestedStep>, { prepared }: RunTrace): boolean {
  return prepared === undefined || hasSameSteps(plan, prepared.plan);
}

/** A job that no worker has begun names no execution, so its record decides. */
async function requestOf(temporal: Temporal, run: RunRecord): Promise<RunRequest> {
  const recorded = run.executionId === undefined ? run.job?.request : undefined;
  return recorded ?? readRequest(temporal, run);
}

/** Outputs and skipped steps of the run, including outputs that it reused from a run that it repeats itself. */
function resultsOf({ steps, pauses = [] }: RunTrace, { origin }: RunRequest): StepHistory {
  const outputs = new Map(origin?.outputs.map(({ step, output }) => [step, output]));
  for (const { number, status, output } of steps) {
    if (status === 'success' && output !== undefined) outputs.set(number, output);
  }
  const left = pauses.filter(({ ended }) => ended === 'skip');
  return { outputs, skipped: new Map(left.map(({ step, edited }) => [step, edited])) };
}

/** Temporal accepts at most 2 MiB per workflow input. Large outputs travel by reference, but many small ones add up. */
function assertSendable({ outputs }: Fork['origin']): void {
  const bytes = Buffer.byteLength(JSON.stringify(outputs));
  if (bytes <= MAX_OUTPUT_BYTES) return;
  throw new SkillosError(
    'payload_too_large',
    `The reused outputs have ${bytes} bytes: expected at most ${MAX_OUTPUT_BYTES}`,
    { hint: 'Start from an earlier step' },
  );
}

function forgotten(runId: string): SkillosError {
  return new SkillosError('history_unavailable', `Temporal no longer keeps the history of run "${runId}"`);
}

function changed(runId: string): SkillosError {
  return new SkillosError('plan_changed', `A composition in run "${runId}" has other steps now`, {
    hint: `Repeat all of it with them: skillos runs rerun ${runId} --latest`,
  });
}

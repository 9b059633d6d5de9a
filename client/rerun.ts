/** Repeating a run: what its history says of it, and the new run that takes that over. */
import { SkillosError } from '../core/errors.ts';
import { expand } from '../core/expand.ts';
import { findUsed } from '../core/find-skill.ts';
import { forkOf, handedOn, hasSameSteps } from '../core/fork.ts';
import type { Fork, Told } from '../core/fork.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { AskedStep, Plan } from '../core/plan.ts';
import { isInFlight } from '../core/run.ts';
import type { RunRecord, RunRequest } from '../core/run.ts';
import type { RunTrace } from '../core/trace.ts';
import { permit, recordAct } from './actor.ts';
import type { Actor } from './actor.ts';
import type { Temporal } from './connection.ts';
import { readRequest } from './history.ts';
import type { ClientPorts } from './ports.ts';
import { findRun, listRuns, ofTenant } from './run-records.ts';
import type { Page, RunFilter } from './run-records.ts';
import type { Ask } from './runs.ts';
import { traceRun } from './watch.ts';

const MAX_OUTPUT_BYTES = 1024 * 1024;

/** How many later runs are looked through for repetitions. */
const MAX_LATER = 10_000;

export interface RerunAsk {
  /** Name of the first step that runs again; without, all do. */
  readonly from?: string | undefined;
  /** What steps are to be said to have put out. */
  readonly set: readonly { readonly step: string; readonly value: JsonValue }[];
  /** Take skills and compositions as they are now, instead of as the run had them. */
  readonly latest: boolean;
}

export interface Rerun {
  /** What to start, in the name of whoever repeats the run: nothing that was granted to it is inherited. */
  readonly ask: Pick<Ask, 'plan' | 'payload' | 'origin' | 'maxRetries' | 'noRollback'>;
  readonly steps: Fork['steps'];
  /** Steps that are taken over although the run has undone what they did. */
  readonly undone: readonly number[];
}

/** Rejects with `unknown_run`, or as `permit` does. Needs no Temporal. */
export async function runToRepeat(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const run = ofTenant(await findRun(ports, runId), actor.rights);
  await permit(ports, actor, { operation: 'runs:operate', run });
  return run;
}

/**
 * `runToRepeat` comes first. Rejects with `run_not_finished`, `history_unavailable`, `unknown_step`, `step_not_run`, and
 * with `plan_changed` where a composition no longer has the steps that the run took.
 */
export async function readRerun(
  ports: ClientPorts,
  temporal: Temporal,
  { runId, from, set, latest }: RerunAsk & { readonly runId: string },
): Promise<Rerun> {
  const trace = await traceRun(ports, temporal, runId);
  if (trace.startedAt === undefined) throw forgotten(runId);
  if (trace.end === undefined) {
    throw new SkillosError('run_not_finished', `Run "${runId}" has not ended`);
  }
  const request = await readRequest(temporal, runId);
  const plan = await expandedPlan(ports, request);
  if (!isSame(plan, trace) && !(latest && from === undefined && set.length === 0)) throw changed(runId);
  const { origin, steps } = forkOf({
    runId,
    plan,
    outputs: await handedOn(plan, request.payload, toldBy(trace, request)),
    from,
    set: await Promise.all(
      set.map(async ({ step, value }) => ({ step, output: await ports.values.carry(value) })),
    ),
    latest,
  });
  assertSendable(origin);
  const { maxRetries, noRollback } = request;
  return {
    ask: {
      plan: request.plan,
      payload: await ports.values.uncarry(request.payload),
      origin,
      ...(maxRetries === undefined ? {} : { maxRetries }),
      ...(noRollback === undefined ? {} : { noRollback }),
    },
    steps,
    undone: trace.undoings
      .filter(({ number, status }) => status === 'success' && steps[number - 1]?.does === 'recorded')
      .map(({ number }) => number),
  };
}

/** Runs that have ended as asked, newest first, without those that somebody has repeated since with success, or is repeating. */
export async function runsToRepeat(
  ports: Pick<ClientPorts, 'records'>,
  filter: RunFilter,
): Promise<Page<RunRecord>> {
  const { items, ...rest } = await listRuns(ports, filter);
  const since = items.at(-1)?.createdAt;
  if (since === undefined) return { items };
  const later = await listRuns(ports, { rights: filter.rights, since, limit: MAX_LATER });
  const done = new Set(later.items.filter(isDoneOrGoing).map(({ origin }) => origin?.runId));
  return { items: items.filter(({ id }) => !done.has(id)), ...rest };
}

function isDoneOrGoing({ status }: RunRecord): boolean {
  return status === 'success' || isInFlight(status);
}

/** Puts it on record that `runId` repeats the run. */
export function recordRerun(
  ports: ClientPorts,
  actor: Actor,
  { run, origin, runId }: { readonly run: RunRecord; readonly origin: Ask['origin']; readonly runId: string },
): Promise<void> {
  return recordAct(ports, actor, {
    action: 'run_rerun',
    run: run.id,
    after: { run_id: runId, from: origin?.from ?? 1 },
  });
}

/** More fields of the document of a run that repeats another one. */
export function rerunFields(runId: string, { ask: { origin }, steps, undone }: Rerun): JsonObject {
  return {
    origin: { run_id: runId, from: origin?.from ?? 1 },
    taken_over: steps
      .filter(({ does }) => does !== 'run')
      .map(({ number, skill, does }) => ({
        step: number,
        skill,
        from: does,
        undone: undone.includes(number),
      })),
  };
}

/** As the worker will expand it: compositions bring their own gates, so they are asked for as they were. */
async function expandedPlan({ catalogs }: ClientPorts, request: RunRequest): Promise<Plan<AskedStep>> {
  const entries = await findUsed(catalogs, request.plan);
  return expand(request.plan, new Map(entries.map((entry) => [entry.id, entry]))).plan;
}

/** A run that ended before its plan was fixed has none to differ from. */
function isSame(plan: Plan<AskedStep>, { prepared }: RunTrace): boolean {
  return prepared === undefined || hasSameSteps(plan, prepared.plan);
}

/** A run that repeats another one itself hands on what it has taken over. */
function toldBy({ steps, pauses = [] }: RunTrace, { origin }: RunRequest): Told {
  const outputs = new Map(origin?.outputs.map(({ step, output }) => [step, output]));
  for (const { number, status, output } of steps) {
    if (status === 'success' && output !== undefined) outputs.set(number, output);
  }
  const left = pauses.filter(({ ended }) => ended === 'skip');
  return { outputs, skipped: new Map(left.map(({ step, edited }) => [step, edited])) };
}

/** Temporal takes 2 MiB with the start of a run; large outputs travel by reference, but many small ones do not. */
function assertSendable({ outputs }: Fork['origin']): void {
  const bytes = Buffer.byteLength(JSON.stringify(outputs));
  if (bytes <= MAX_OUTPUT_BYTES) return;
  throw new SkillosError(
    'payload_too_large',
    `The outputs that would be taken over come to ${bytes} bytes: expected at most ${MAX_OUTPUT_BYTES}`,
    { hint: 'Begin at an earlier step' },
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

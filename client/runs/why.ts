/** Explains the present state of a run from its record and, if Temporal answers, from its history. */
import type { JsonObject } from '../../core/json.ts';
import { isSkillosError } from '../../core/errors/errors.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { whyOf } from '../../core/runs/why.ts';
import type { RunObservation, Why } from '../../core/runs/why.ts';
import { hasWorker, unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import { pendingActivities } from './pending-activities.ts';
import type { ClientPorts } from '../ports.ts';
import { admit, findRun } from './run-records.ts';
import { recordToWatch, traceRun } from './watch.ts';

export interface ExplainedRun {
  readonly record: RunRecord;
  readonly why: Why;
}

/** An explanation as a JSON document. */
export function whyDocument({ record, why }: ExplainedRun): JsonObject & { readonly schema: string } {
  const { reason, message, command } = why;
  return { schema: 'skillos.why/v1', run_id: record.id, status: record.status, reason, message, command };
}

/**
 * Connects only for runs in flight; if that fails, the explanation uses the record alone. Rejects as `openRun` does, and as
 * `connect` does if there is no record yet.
 */
export async function whyRun(
  ports: ClientPorts,
  connect: () => Promise<Temporal>,
  ask: { readonly runId: string; readonly rights: Rights },
): Promise<ExplainedRun> {
  const runId = parseRunId(ask.runId);
  const known = await recorded(ports, runId);
  if (known !== undefined) admit(known, ask.rights, 'runs:read');
  if (known !== undefined && !isInFlight(known.status)) return explained(known, 'unreachable');
  const engine = await connect().catch((error: unknown) => {
    if (known === undefined) throw error;
    return undefined;
  });
  if (engine === undefined) return explained(known as RunRecord, 'unreachable'); // without a record `connect` has rejected above
  try {
    const run = known ?? admit(await recordToWatch(ports, engine, runId), ask.rights, 'runs:read');
    const sight = await lookAt(ports, engine, run);
    return explained((await recorded(ports, runId)) ?? run, sight);
  } finally {
    await engine.close();
  }
}

function explained(record: RunRecord, sight: Parameters<typeof whyOf>[1]): ExplainedRun {
  return { record, why: whyOf(record, sight) };
}

async function recorded(ports: ClientPorts, runId: string): Promise<RunRecord | undefined> {
  try {
    return await findRun(ports, runId);
  } catch (error) {
    if (isSkillosError(error, 'unknown_run')) return undefined;
    throw error;
  }
}

/** Reading the history also repairs the record of a run that was ended from outside. */
async function lookAt(
  ports: ClientPorts,
  engine: Temporal,
  { id: runId, queue }: RunRecord,
): Promise<RunObservation | 'unreachable' | 'unknown'> {
  try {
    const [{ takenAt }, pending, isServed] = await Promise.all([
      traceRun(ports, engine, runId),
      pendingActivities(engine, runId),
      hasWorker(engine, { queue, runId }),
    ]);
    return {
      isTaken: takenAt !== undefined,
      pending,
      hasWorker: isServed,
      now: new Date(ports.now()).toISOString(),
    };
  } catch (error) {
    const known = unknownRun(error, runId);
    if (isSkillosError(known, 'unknown_run')) return 'unknown';
    if (isSkillosError(known, 'engine_unreachable')) return 'unreachable';
    throw known;
  }
}

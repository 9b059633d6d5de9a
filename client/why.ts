/** Finding out why a run stands where it stands: from its record, and from Temporal as far as it answers. */
import { isSkillosError } from '../core/errors.ts';
import type { Rights } from '../core/permission-policy.ts';
import { parseRunId } from '../core/run-id.ts';
import { isInFlight } from '../core/run.ts';
import type { RunRecord } from '../core/run.ts';
import { whyOf } from '../core/why.ts';
import type { Sight, Why } from '../core/why.ts';
import { hasWorker, unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';
import { pendingSteps } from './pending.ts';
import type { ClientPorts } from './ports.ts';
import { admit, findRun } from './run-records.ts';
import { recordToWatch, traceRun } from './watch.ts';

export interface ExplainedRun {
  readonly record: RunRecord;
  readonly why: Why;
}

/**
 * Connects only where the record does not tell all; where that fails, the record tells alone. Rejects as `openRun`
 * does, and as `connect` where there is no record yet.
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
  if (engine === undefined) return explained(known as RunRecord, 'unreachable'); // else it was thrown
  try {
    const run = known ?? admit(await recordToWatch(ports, engine, runId), ask.rights, 'runs:read');
    const sight = await lookAt(ports, engine, runId);
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

/** Reading the history also puts right the record of a run that was ended from outside. */
async function lookAt(
  ports: ClientPorts,
  engine: Temporal,
  runId: string,
): Promise<Sight | 'unreachable' | 'unknown'> {
  try {
    const [{ takenAt }, pending, isServed] = await Promise.all([
      traceRun(ports, engine, runId),
      pendingSteps(engine, runId),
      hasWorker(engine),
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

/** Cancels a run on behalf of a caller: authorized first, and audited. */
import { SkillosError } from '../../core/errors/errors.ts';
import { markCancelling } from '../../core/jobs/job-state.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import { parseRunId } from '../../core/values/run-id.ts';
import { isInFlight } from '../../core/runs/run.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { UNDO_SIGNAL } from '../../workflows/messages.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import { unknownRun } from '../temporal/connection.ts';
import type { Temporal } from '../temporal/connection.ts';
import type { ClientPorts } from '../ports.ts';
import { findRun, ofTenant } from './run-records.ts';

/** Rejects with `unknown_run`, or as `authorize` does. Needs no Temporal. */
export async function runToCancel(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const run = ofTenant(await findRun(ports, runId), actor.rights);
  await authorize(ports, actor, { operation: 'runs:operate', run });
  return run;
}

/**
 * Call `runToCancel` first. With `undoes` the run rolls back its completed steps. A job that no worker has begun ends at once.
 * Rejects as `cancelRun` does.
 */
export async function cancelFor(
  ports: ClientPorts,
  temporal: Temporal,
  {
    actor,
    run,
    undoes = false,
  }: { readonly actor: Actor; readonly run: RunRecord; readonly undoes?: boolean },
): Promise<'cancelled' | 'cancel_requested'> {
  const isUndoing = undoes && isInFlight(run.status);
  const status = run.job === undefined ? undefined : await cancelUnbegun(ports, temporal, run);
  if (status === undefined) {
    if (isUndoing) await signalUndo(temporal, run.id);
    await cancelRun(ports, temporal, run.id);
    if (run.job !== undefined) await markJob(ports, run.id);
  }
  const after = { status: status ?? 'cancel_requested', ...(isUndoing ? { rollback: true } : {}) };
  await recordAudit(ports, actor, {
    action: 'run_cancelled',
    run: run.id,
    before: { status: run.status },
    after,
  });
  return status ?? 'cancel_requested';
}

/** Loaded for jobs only. Resolves to undefined if the job has begun. */
async function cancelUnbegun(
  ports: ClientPorts,
  temporal: Temporal,
  run: RunRecord,
): Promise<'cancelled' | undefined> {
  const { endUnbegun } = await import('../jobs/repair-queue.ts');
  const ended = await endUnbegun(ports, temporal, { run, reason: 'run_cancelled' });
  return ended && 'cancelled';
}

/** So that `skillos job work` serves the cancellation of a job that waits. */
async function markJob({ records }: ClientPorts, runId: string): Promise<void> {
  await runRecords(records).update(runId, (current) =>
    current === undefined ? current : markCancelling(current),
  );
}

/** Uses a signal and not an Update: it must precede the cancellation in the history even if no worker runs. */
async function signalUndo({ client }: Temporal, runId: string): Promise<void> {
  try {
    await client.workflow.getHandle(runId).signal(UNDO_SIGNAL);
  } catch (error) {
    throw unknownRun(error, runId);
  }
}

/** Requests cancellation; the run settles and ends `cancelled`. Rejects with `run_finished` if it has ended. */
export async function cancelRun(ports: ClientPorts, temporal: Temporal, text: string): Promise<string> {
  const runId = parseRunId(text);
  const record = await runRecords(ports.records).get(runId);
  if (record !== undefined && !isInFlight(record.status)) {
    throw new SkillosError('run_finished', `Run "${runId}" has ended: ${record.status}`);
  }
  try {
    await temporal.client.workflow.getHandle(runId).cancel();
  } catch (error) {
    throw unknownRun(error, runId);
  }
  return runId;
}

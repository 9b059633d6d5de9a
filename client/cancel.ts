/** Cancelling a run for somebody: permitted first, and on record. */
import { isInFlight } from '../core/run.ts';
import type { RunRecord } from '../core/run.ts';
import { UNDO_SIGNAL } from '../workflows/messages.ts';
import { permit, recordAct } from './actor.ts';
import type { Actor } from './actor.ts';
import { unknownRun } from './connection.ts';
import type { Temporal } from './connection.ts';
import type { ClientPorts } from './ports.ts';
import { findRun, ofTenant } from './run-records.ts';
import { cancelRun } from './runs.ts';

/** Rejects with `unknown_run`, or as `permit` does. Needs no Temporal. */
export async function runToCancel(ports: ClientPorts, actor: Actor, runId: string): Promise<RunRecord> {
  const run = ofTenant(await findRun(ports, runId), actor.rights);
  await permit(ports, actor, { operation: 'runs:operate', run });
  return run;
}

/** `runToCancel` comes first; `undoes`: what completed steps did is undone. Rejects as `cancelRun` does. */
export async function cancelFor(
  ports: ClientPorts,
  temporal: Temporal,
  {
    actor,
    run,
    undoes = false,
  }: { readonly actor: Actor; readonly run: RunRecord; readonly undoes?: boolean },
): Promise<void> {
  if (undoes && isInFlight(run.status)) await askToUndo(temporal, run.id);
  await cancelRun(ports, temporal, run.id);
  await recordAct(ports, actor, {
    action: 'run_cancelled',
    run: run.id,
    before: { status: run.status },
    after: { status: 'cancel_requested', ...(undoes ? { rollback: true } : {}) },
  });
}

/** A signal and no Update: it must stand in the history before the cancellation, whether a worker is there or not. */
async function askToUndo({ client }: Temporal, runId: string): Promise<void> {
  try {
    await client.workflow.getHandle(runId).signal(UNDO_SIGNAL);
  } catch (error) {
    throw unknownRun(error, runId);
  }
}

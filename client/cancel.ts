/** Cancelling a run for somebody: permitted first, and on record. */
import type { RunRecord } from '../core/run.ts';
import { permit, recordAct } from './actor.ts';
import type { Actor } from './actor.ts';
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

/** `runToCancel` comes first. Rejects as `cancelRun` does. */
export async function cancelFor(
  ports: ClientPorts,
  temporal: Temporal,
  { actor, run }: { readonly actor: Actor; readonly run: RunRecord },
): Promise<void> {
  await cancelRun(ports, temporal, run.id);
  await recordAct(ports, actor, {
    action: 'run_cancelled',
    run: run.id,
    before: { status: run.status },
    after: { status: 'cancel_requested' },
  });
}

/** Writes the record of the run that the current activity belongs to. */
import { uncarry } from '../adapters/storage/carrying.ts';
import { runRecords } from '../core/runs/run-records.ts';
import { openRecord } from '../core/runs/run-record.ts';
import { refuseRequestSignature } from '../core/runs/request-signature.ts';
import type { Stamp } from '../core/runs/run-record.ts';
import type { RunRecord, RunRequest } from '../core/runs/run.ts';
import type { SeenSession } from '../core/sessions/session.ts';
import { assertOwn, inOwnRun } from './authority/authority.ts';
import { currentExecution } from './execution.ts';
import { hasEnded, signedId } from './firing.ts';
import type { WorkerPorts } from './ports.ts';

export function stampNow({ now }: { readonly now: () => number }): Stamp {
  return { executionId: currentExecution().executionId, now: new Date(now()).toISOString() };
}

/** Resolves to the record after the change. Rejects with `run_replayed` if the record belongs to another execution. */
export function writeRecord(
  ports: WorkerPorts,
  request: RunRequest,
  change: (current: RunRecord) => RunRecord,
): Promise<RunRecord> {
  const { id, executionId } = currentExecution();
  return inOwnRun(ports, () =>
    runRecords(ports.records).update(id, (known) => {
      const current = known?.executionId === executionId ? known : begunRecord(ports, request, known);
      assertOwn(ports, current);
      return hasEnded(current, executionId) ? current : change(current);
    }),
  );
}

/** Resolves to what the run sees of its session; to undefined for a run without one. */
export async function seenSession(
  { records, blobs }: Pick<WorkerPorts, 'records' | 'blobs'>,
  runId: string,
): Promise<SeenSession | undefined> {
  const session = (await runRecords(records).get(runId))?.session;
  return session && ((await uncarry(session.seen, blobs)) as SeenSession); // written by the client
}

/** The record before the first write of an execution. Nobody who may write to Temporal alone makes a job that can be requeued. */
function begunRecord({ trust }: WorkerPorts, request: RunRequest, known: RunRecord | undefined): RunRecord {
  const { id } = currentExecution();
  const isUnsigned = refuseRequestSignature(signedId(request), request, trust) !== undefined;
  if (!isUnsigned) return known ?? openRecord(id, request);
  const { job: _job, ...unsigned } = request;
  return { ...(known ?? openRecord(id, unsigned)), isUnsigned };
}

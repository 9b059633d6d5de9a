/** Deletes old attachments. */
import { attachmentRecords } from '../../core/attachments/attachment-records.ts';
import type { AttachmentRecord } from '../../core/attachments/attachment-records.ts';
import { isInFlight } from '../../core/runs/run.ts';
import { runRecords } from '../../core/runs/run-records.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import { msOf } from '../../core/values/iso-time.ts';
import { requestIdOf } from '../../core/values/run-id.ts';
import { authorize, recordAudit } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { ClientPorts } from '../ports.ts';
import type { AttachmentPorts } from './attachments.ts';

export interface Pruned {
  readonly runs: number;
  readonly attachments: number;
  readonly bytes: number;
  /** Runs whose attachments are old, but that are still in flight. */
  readonly kept: number;
}

export interface PruneRequest {
  /** Attachments stored before this time are deleted; Unix milliseconds. */
  readonly before: number;
  readonly isDryRun: boolean;
  /** False for a run that keeps its attachments, whatever their age; undefined for a run without a record. */
  readonly isOver: (run: RunRecord | undefined) => boolean;
  /** Called before the attachments of a run with a record are deleted. If it rejects, they are not. */
  readonly beforeRemoval?: (run: RunRecord) => Promise<void>;
}

type PrunePorts = Pick<ClientPorts, 'records' | 'journal' | 'now'>;

/** Rejects as `authorize` does. Runs in flight lose nothing. */
export async function pruneAttachments(
  ports: PrunePorts,
  store: Pick<AttachmentPorts, 'bytes'>,
  { actor, ...request }: Pick<PruneRequest, 'before' | 'isDryRun'> & { readonly actor: Actor },
): Promise<Pruned> {
  await authorize(ports, actor, { operation: 'runs:operate' });
  const isOver = (run: RunRecord | undefined) => run === undefined || !isInFlight(run.status);
  const pruned = await dropOldAttachments(ports, store, { ...request, isOver });
  if (!request.isDryRun && pruned.runs > 0) {
    await recordAudit(ports, actor, {
      action: 'attachments_pruned',
      after: { attachments: pruned.attachments },
    });
  }
  return pruned;
}

/** Deletes old attachments of runs that are over. */
export async function dropOldAttachments(
  ports: Pick<PrunePorts, 'records'>,
  store: Pick<AttachmentPorts, 'bytes'>,
  { before, isDryRun, isOver, beforeRemoval }: PruneRequest,
): Promise<Pruned> {
  const pruned = { runs: 0, attachments: 0, bytes: 0, kept: 0 };
  for await (const { runId, at, items } of attachmentRecords(ports.records).all()) {
    if (msOf(at) >= before) continue;
    const run = await runRecords(ports.records).get(runId);
    if (!isOver(run)) {
      pruned.kept += 1;
      continue;
    }
    if (isPassedOn(run)) {
      if (!isDryRun) await attachmentRecords(ports.records).remove(requestIdOf(runId));
      continue;
    }
    if (!isDryRun && run !== undefined) await beforeRemoval?.(run);
    if (!isDryRun && !(await dropUnlessRequeued(ports, store, { runId, items }))) continue;
    pruned.runs += 1;
    pruned.attachments += items.length;
    pruned.bytes += items.reduce((sum, { size_bytes: size }) => sum + size, 0);
  }
  return pruned;
}

/** Resolves to false if the job was requeued meanwhile: then the bytes belong to the job that repeats it. */
async function dropUnlessRequeued(
  { records }: Pick<PrunePorts, 'records'>,
  store: Pick<AttachmentPorts, 'bytes'>,
  { runId, items }: Pick<AttachmentRecord, 'runId' | 'items'>,
): Promise<boolean> {
  await attachmentRecords(records).remove(requestIdOf(runId)); // a job that is requeued from now on finds none
  const run = await runRecords(records).get(runId);
  if (isPassedOn(run)) return false;
  await store.bytes.remove(items);
  return true;
}

/** True if the bytes belong to the job that repeats this one. */
function isPassedOn(run: RunRecord | undefined): boolean {
  return run?.job?.requeuedAs !== undefined;
}

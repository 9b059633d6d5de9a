/** Writes the worker's decisions about a run to the audit log of its tenant. */
import { appendAudit, auditEntry } from '../core/telemetry/audit.ts';
import type { AuditAction, AuditActor, AuditEntry } from '../core/telemetry/audit.ts';
import type { RunRequest } from '../core/runs/run.ts';
import { currentExecution } from './execution.ts';
import type { WorkerPorts } from './ports.ts';

type Detail = 'reason' | 'policy' | 'digest' | 'comment' | 'before' | 'after' | 'request_id';

type RunEntry = Pick<AuditEntry, Detail> & {
  readonly action: AuditAction;
  readonly way?: AuditEntry['way'];
  /** The actor, if it is not the principal of the run. */
  readonly actor?: AuditActor;
  /** Distinguishes several entries of one action. */
  readonly position?: number;
};

/** Idempotent: an entry that is written again after a crash has the same id. */
export function auditRun(
  { journal, now }: Pick<WorkerPorts, 'journal' | 'now'>,
  request: Pick<RunRequest, 'principal' | 'tenant'>,
  entry: RunEntry,
): Promise<void> {
  const { id: run, executionId } = currentExecution();
  const { action, way = 'worker', actor, position, ...detail } = entry;
  const id = [executionId, action, ...(position === undefined ? [] : [position])].join('/');
  const audited = auditEntry(request, { id, at: new Date(now()).toISOString(), action, way, run, ...detail });
  return appendAudit(journal, actor === undefined ? audited : { ...audited, actor });
}

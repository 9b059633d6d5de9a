/** What the worker decided about a run, into the audit log of the run's tenant. */
import { appendAudit, auditEntry } from '../core/audit.ts';
import type { AuditAction, AuditActor, AuditEntry } from '../core/audit.ts';
import type { RunRequest } from '../core/run.ts';
import { currentExecution } from './execution.ts';
import type { WorkerPorts } from './ports.ts';

type Detail = 'reason' | 'policy' | 'digest' | 'comment' | 'before' | 'after' | 'request_id';

type Told = Pick<AuditEntry, Detail> & {
  readonly action: AuditAction;
  readonly way?: AuditEntry['way'];
  /** Who it was, where it was not who asked for the run. */
  readonly actor?: AuditActor;
  /** Tells several events of one action apart. */
  readonly position?: number;
};

/** Repeated after a crash it gives the same id, so that the entries tell of one event. */
export function auditRun(
  { journal, now }: Pick<WorkerPorts, 'journal' | 'now'>,
  request: Pick<RunRequest, 'principal' | 'tenant'>,
  told: Told,
): Promise<void> {
  const { id: run, executionId } = currentExecution();
  const { action, way = 'worker', actor, position, ...detail } = told;
  const id = [executionId, action, ...(position === undefined ? [] : [position])].join('/');
  const entry = auditEntry(request, { id, at: new Date(now()).toISOString(), action, way, run, ...detail });
  return appendAudit(journal, actor === undefined ? entry : { ...entry, actor });
}

/** Somebody who changes something: who, with which rights, by which way. */
import { ulid } from 'ulid';
import { appendAudit, auditEntry } from '../core/audit.ts';
import type { AuditEntry, AuditWay } from '../core/audit.ts';
import { demand, mayOperate } from '../core/operations.ts';
import type { Operation } from '../core/operations.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { RunRecord } from '../core/run.ts';
import type { ClientPorts } from './ports.ts';

export interface Actor {
  readonly rights: Rights;
  readonly way: AuditWay;
  /** Of the HTTP request, where one brought it. */
  readonly requestId?: string;
}

type Act = Pick<
  AuditEntry,
  'action' | 'run' | 'skill' | 'reason' | 'policy' | 'comment' | 'before' | 'after'
>;

type ActPorts = Pick<ClientPorts, 'journal' | 'now'>;

/** Rejects with `permission_denied` or `policy_invalid` where the actor may not do it; that somebody tried is on record. */
export async function permit(
  ports: ActPorts,
  actor: Actor,
  ask: { readonly operation: Operation; readonly run?: RunRecord; readonly skill?: string },
): Promise<void> {
  const { operation, run, skill } = ask;
  const ruling = mayOperate(actor.rights, operation, run);
  if (!ruling.isAllowed) {
    const { reason, policy } = ruling;
    await recordAct(ports, actor, {
      action: 'operation_denied',
      reason,
      policy,
      after: { operation },
      ...(run === undefined ? {} : { run: run.id }),
      ...(skill === undefined ? {} : { skill }),
    });
  }
  demand(ruling);
}

/** Durable when it resolves. */
export async function recordAct(ports: ActPorts, { rights, way, requestId }: Actor, act: Act): Promise<void> {
  const at = ports.now();
  await appendAudit(
    ports.journal,
    auditEntry(rights, {
      id: ulid(at),
      at: new Date(at).toISOString(),
      way,
      ...act,
      ...(requestId === undefined ? {} : { request_id: requestId }),
    }),
  );
}

/** Somebody who changes something: who, with which rights, by which way. */
import { ulid } from 'ulid';
import { appendAudit, auditEntry } from '../core/audit.ts';
import type { AuditEntry, AuditWay } from '../core/audit.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { ClientPorts } from './ports.ts';

export interface Actor {
  readonly rights: Rights;
  readonly way: AuditWay;
  /** Of the HTTP request, where one brought it. */
  readonly requestId?: string;
}

type Act = Pick<AuditEntry, 'action' | 'run' | 'skill' | 'reason' | 'comment' | 'before' | 'after'>;

/** Durable when it resolves. */
export async function recordAct(
  ports: Pick<ClientPorts, 'journal' | 'now'>,
  { rights, way, requestId }: Actor,
  act: Act,
): Promise<void> {
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

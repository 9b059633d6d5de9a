/** Authorizes an operation of a caller, and writes it to the audit log. */
import { ulid } from 'ulid';
import { appendAudit, auditEntry } from '../../core/telemetry/audit.ts';
import type { AuditEntry, AuditWay } from '../../core/telemetry/audit.ts';
import { demand, mayOperate } from '../../core/rights/operations.ts';
import type { Operation, Owned } from '../../core/rights/operations.ts';
import type { Rights, Ruling } from '../../core/rights/permission-policy.ts';
import type { RunRecord } from '../../core/runs/run.ts';
import type { ClientPorts } from '../ports.ts';
import { demandOf } from '../runs/run-records.ts';

/** A caller who changes something: its rights and the interface it used (CLI, API, pages). */
export interface Actor {
  readonly rights: Rights;
  readonly way: AuditWay;
  /** Id of the HTTP request; absent on the command line. */
  readonly requestId?: string;
}

type Act = Pick<
  AuditEntry,
  'action' | 'run' | 'skill' | 'reason' | 'policy' | 'comment' | 'before' | 'after'
>;

type ActPorts = Pick<ClientPorts, 'journal' | 'now'>;

/**
 * Rejects with `permission_denied` or `policy_invalid` if the policies refuse, and for a run that the actor may not read with
 * `unknown_run`; the attempt is audited.
 */
export async function authorize(
  ports: ActPorts,
  actor: Actor,
  ask: {
    readonly operation: Operation;
    readonly run?: RunRecord;
    /** The changed resource, if it is not a run. */
    readonly resource?: Owned;
    readonly skill?: string;
    /** Default: that of `mayOperate`. */
    readonly ruling?: Ruling;
  },
): Promise<void> {
  const { operation, run, resource = run, skill } = ask;
  const { ruling = mayOperate(actor.rights, operation, resource) } = ask;
  if (!ruling.isAllowed) {
    const { reason, policy } = ruling;
    await recordAudit(ports, actor, {
      action: 'operation_denied',
      reason,
      policy,
      after: { operation },
      ...(run === undefined ? {} : { run: run.id }),
      ...(skill === undefined ? {} : { skill }),
    });
  }
  if (run !== undefined) demandOf(run, actor.rights, ruling);
  demand(ruling);
}

/** Appends one entry to the audit log of the actor's tenant; durable when it resolves. */
export async function recordAudit(ports: ActPorts, actor: Actor, act: Act): Promise<void> {
  await appendAudit(ports.journal, entryOf(ports.now(), actor, act));
}

/** Creates the entry of an act at a time, in Unix milliseconds. */
export function entryOf(at: number, { rights, way, requestId }: Actor, act: Act): AuditEntry {
  return auditEntry(rights, {
    id: ulid(at),
    at: new Date(at).toISOString(),
    way,
    ...act,
    ...(requestId === undefined ? {} : { request_id: requestId }),
  });
}

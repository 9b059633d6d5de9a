/** Reading the audit log of a tenant; needs no Temporal. */
import { auditLogName, readAudit } from '../core/audit.ts';
import type { AuditAction, AuditEntry } from '../core/audit.ts';
import { demand, mayOperate } from '../core/operations.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { ClientPorts } from './ports.ts';

export interface AuditFilter {
  readonly actions?: readonly AuditAction[];
  readonly run?: string;
  readonly skill?: string;
  readonly subject?: string;
  /** Only at or after this; ISO 8601. */
  readonly since?: string;
  readonly limit: number;
}

/**
 * Newest first, of the caller's tenant alone; and how many lines of the log are no entries. What was told twice is
 * listed once. Rejects with `permission_denied` or `policy_invalid`.
 */
export async function listAudit(
  { journal }: Pick<ClientPorts, 'journal'>,
  rights: Rights,
  filter: AuditFilter,
): Promise<{ readonly items: readonly AuditEntry[]; readonly unreadable: number }> {
  demand(mayOperate(rights, 'audit:read'));
  const latest = new Map<string, AuditEntry>();
  let unreadable = 0;
  for (let after = 0; ;) {
    const { entries, next } = await journal.read(auditLogName(rights.tenant), after, () => void unreadable++);
    for (const value of entries) {
      const entry = readAudit(value);
      if (entry === undefined || entry.tenant !== rights.tenant) unreadable++;
      else if (matches(entry, filter)) keep(latest, entry, filter.limit);
    }
    if (next === after) return { items: [...latest.values()].reverse(), unreadable };
    after = next;
  }
}

function matches(entry: AuditEntry, { actions, run, skill, subject, since }: AuditFilter): boolean {
  return (
    (actions === undefined || actions.includes(entry.action)) &&
    (run === undefined || run === entry.run) &&
    (skill === undefined || skill === entry.skill) &&
    (subject === undefined || subject === entry.actor.subject) &&
    (since === undefined || entry.at >= since)
  );
}

/** The log may be long, so no more of it is held than is asked for. */
function keep(latest: Map<string, AuditEntry>, entry: AuditEntry, limit: number): void {
  if (latest.has(entry.id)) return;
  latest.set(entry.id, entry);
  const [oldest] = latest.keys();
  if (latest.size > limit && oldest !== undefined) latest.delete(oldest);
}

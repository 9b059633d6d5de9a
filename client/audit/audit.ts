/** Reads the audit log of a tenant. Needs no Temporal. */
import { auditLogName, readAudit } from '../../core/telemetry/audit.ts';
import type { AuditAction, AuditEntry } from '../../core/telemetry/audit.ts';
import type { Where } from '../../core/storage/record-index.ts';
import { isoTime, msOf } from '../../core/values/iso-time.ts';
import { demand, mayOperate } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { ClientPorts } from '../ports.ts';

export interface AuditFilter {
  readonly actions?: readonly AuditAction[];
  readonly run?: string;
  readonly skill?: string;
  readonly subject?: string;
  /** Earliest time; ISO 8601. */
  readonly since?: string;
  readonly limit: number;
}

/**
 * Entries of one log are ordered by time, except for differences between clocks and outages of the store; at
 * most this.
 */
const DISORDER_MS = 60 * 60 * 1000;

/**
 * Lists entries of the caller's tenant, newest first, and counts the lines that are not entries. An entry
 * that was written twice is listed once. With `since`, an entry that was stored more than an hour before its
 * own time may be missing. Rejects with `permission_denied` or `policy_invalid`.
 */
export async function listAudit(
  { journal }: Pick<ClientPorts, 'journal'>,
  rights: Rights,
  filter: AuditFilter,
): Promise<{ readonly items: readonly AuditEntry[]; readonly unreadable: number }> {
  demand(mayOperate(rights, 'audit:read'));
  const { since = '', limit } = filter;
  const enough = since === '' ? '' : isoTime(msOf(since) - DISORDER_MS);
  const items = new Map<string, AuditEntry>();
  let unreadable = 0;
  const pieces = journal.readBack(auditLogName(rights.tenant), {
    where: whereOf(filter),
    onCorrupt: () => void unreadable++,
  });
  for await (const piece of pieces) {
    for (const value of piece) {
      const entry = readAudit(value);
      if (entry === undefined || entry.tenant !== rights.tenant) unreadable++;
      else if (entry.at < enough) return { items: [...items.values()], unreadable };
      else if (entry.at >= since && !items.has(entry.id)) items.set(entry.id, entry);
      if (items.size === limit) return { items: [...items.values()], unreadable };
    }
  }
  return { items: [...items.values()], unreadable };
}

function whereOf({ actions, run, skill, subject }: AuditFilter): Where {
  return {
    ...(actions === undefined ? {} : { action: actions }),
    ...(run === undefined ? {} : { run: [run] }),
    ...(skill === undefined ? {} : { skill: [skill] }),
    ...(subject === undefined ? {} : { subject: [subject] }),
  };
}

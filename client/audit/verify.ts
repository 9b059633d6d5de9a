/** Verifies the audit log of a tenant. Needs no Temporal. */
import { auditLogName } from '../../core/telemetry/audit.ts';
import { ChainVerifier, chainKeyOf } from '../../core/telemetry/audit-chain.ts';
import type { ChainHead, ChainReport } from '../../core/telemetry/audit-chain.ts';
import { demand, mayOperate } from '../../core/rights/operations.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { ClientPorts } from '../ports.ts';

export interface AuditProof {
  readonly serverKey: string;
  /** Heads of an earlier report: entries that must still be there. */
  readonly heads: readonly ChainHead[];
  /** Called with the number of entries read so far. */
  readonly onProgress: (entries: number) => void;
}

/**
 * Reads the log from its start, in pieces, and reports entries of the caller's tenant that were edited, removed, reordered or
 * added by somebody without the key. `unreadable` counts lines that are not JSON. Rejects with `permission_denied` or
 * `policy_invalid`.
 */
export async function verifyAudit(
  { journal }: Pick<ClientPorts, 'journal'>,
  rights: Rights,
  { serverKey, heads, onProgress }: AuditProof,
): Promise<ChainReport & { readonly unreadable: number }> {
  demand(mayOperate(rights, 'audit:read'));
  const verifier = new ChainVerifier(chainKeyOf(serverKey));
  let unreadable = 0;
  let read = 0;
  for (let after = 0; ;) {
    const { entries, next } = await journal.read(auditLogName(rights.tenant), after, () => void unreadable++);
    for (const entry of entries) verifier.add(entry);
    if (next === after) break;
    after = next;
    onProgress((read += entries.length));
  }
  verifier.expect(heads);
  return { ...verifier.report(), unreadable };
}

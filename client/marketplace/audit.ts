/** Reports what an operator should look at about the installed packages. */
import { auditFindings } from '../../core/marketplace/audit.ts';
import type { AuditFinding, AuditTerms } from '../../core/marketplace/audit.ts';
import type { MarketplacePorts } from './ports.ts';
import { verifyPackages } from './verify.ts';

/** Rejects with `lock_invalid` or `keyring_invalid`. */
export async function auditPackages(
  ports: MarketplacePorts,
  machine: Omit<AuditTerms, 'lock' | 'keyring' | 'now'>,
): Promise<{ readonly checked: number; readonly findings: readonly AuditFinding[] }> {
  const { checked, findings } = await verifyPackages(ports);
  const { packages, now } = ports;
  const terms = { ...machine, lock: packages.lock(), keyring: packages.keyring(), now: now() };
  return { checked, findings: [...findings, ...auditFindings(terms)] };
}

/** Activates a deployment together with its audit entry: none of both without the other, whatever fails between. */
import { activate, markAudited, readActive } from '../../core/deployments/active.ts';
import type { ActiveDeployment } from '../../core/deployments/active.ts';
import type { DeploymentContent } from '../../core/deployments/content.ts';
import { keysIn } from '../../core/deployments/revoked-keys.ts';
import { appendAudit } from '../../core/telemetry/audit.ts';
import type { AuditEntry } from '../../core/telemetry/audit.ts';
import { entryOf } from '../audit/authorize.ts';
import type { Actor } from '../audit/authorize.ts';
import type { DeploymentPorts } from './ports.ts';

interface Activating {
  readonly id: string;
  readonly content: DeploymentContent;
  readonly seen: string | undefined;
  readonly action: Extract<AuditEntry['action'], `deploy${string}`>;
  readonly message?: string | undefined;
  readonly isRecovery?: boolean | undefined;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Reads what is active, after it has written the audit entry that an interrupted command has left. */
export async function readAudited(ports: DeploymentPorts): Promise<ActiveDeployment | undefined> {
  const active = await readActive(ports.records);
  if (active?.unaudited !== undefined) await writeEntry(ports, active.unaudited);
  return active;
}

/** Rejects as `activate` does. If it rejects for another reason, `readAudited` writes the entry of what was activated. */
export async function activateAudited(
  ports: DeploymentPorts,
  actor: Actor,
  { id, content, seen, action, message, now, isRecovery }: Activating,
): Promise<void> {
  const unaudited = entryOf(now, actor, {
    action,
    before: { deployment: seen ?? null },
    after: { deployment: id, ...(isRecovery === true && { recovery: true }) },
    ...(message !== undefined && { comment: message }),
  });
  const { at } = unaudited;
  const by = actor.rights.principal.subject;
  await activate(ports.records, { id, at, by, seen, keys: keysIn(content), unaudited });
  await writeEntry(ports, unaudited);
}

/** Two processes may write the same entry; it has the same id then. */
async function writeEntry({ journal, records }: DeploymentPorts, entry: AuditEntry): Promise<void> {
  await appendAudit(journal, entry);
  await markAudited(records, entry.id);
}

/** Audit entries: decisions and changes, with actor, time and channel, in an append-only log. */
import * as z from 'zod';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Journal } from '../storage/journal.ts';
import type { Caller } from '../rights/caller.ts';

export const AUDIT_ACTIONS = [
  'run_allowed',
  'run_blocked',
  'run_parked',
  'run_edited',
  'run_cancelled',
  'job_requeued',
  'run_rerun',
  'run_steered',
  'run_reset',
  'work_refused',
  'approval_approved',
  'approval_denied',
  'approval_ignored',
  'approval_expired',
  'operation_denied',
  'circuit_opened',
  'circuit_reset',
  'reservation_released',
  'schedule_added',
  'schedule_enabled',
  'schedule_disabled',
  'schedule_removed',
  'schedule_triggered',
  'webhook_replayed',
  'attachments_pruned',
  'session_removed',
  'storage_migrated',
  'storage_collection_started',
  'storage_collected',
  'package_installed',
  'package_updated',
  'package_removed',
  'package_rejected',
  'marketplace_key_added',
  'marketplace_key_revoked',
  'skill_added',
  'skill_deprecated',
  'skill_undeprecated',
  'connector_added',
  'skill_synced',
  'examples_added',
  'feedback_given',
  'feedback_undone',
  'experiment_results_added',
  'experiment_promoted',
  'experiment_rolled_back',
  'experiment_applied',
  'composition_created',
  'composition_activated',
  'composition_rolled_back',
  'deployed',
  'deployment_activated',
  'deployment_rolled_back',
  'build_promoted',
  'build_promotion_failed',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

const ACTOR_VIAS = ['local', 'jwt', 'system', 'unknown'] as const;
const AUDIT_WAYS = ['cli', 'api', 'ui', 'signal', 'worker'] as const;

/** The channel of an action. */
export type AuditWay = (typeof AUDIT_WAYS)[number];

/** `via` is the source of the identity, as for a principal. */
export interface AuditActor {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly via: (typeof ACTOR_VIAS)[number];
}

/** The actor of automatic actions, such as the expiry of an approval. */
export const SYSTEM: AuditActor = { subject: 'skillos', roles: [], via: 'system' };

/** The actor of a signal, which has no identity. */
export const UNKNOWN_ACTOR: AuditActor = { subject: 'unknown', roles: [], via: 'unknown' };

/** The fields are stored with these names. No field may contain a secret, a payload or an output. */
export interface AuditEntry {
  /** Entries with the same id describe the same event: a write repeated after a crash uses the same id. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly tenant: string;
  readonly actor: AuditActor;
  readonly action: AuditAction;
  readonly way: AuditWay;
  readonly run?: string;
  readonly skill?: string;
  /** Reason code, such as `permission_denied`. */
  readonly reason?: string;
  /** Name of the rule that decided. */
  readonly policy?: string;
  readonly digest?: string;
  readonly comment?: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  readonly request_id?: string;
}

type AuditDetail = Omit<AuditEntry, 'tenant' | 'actor'>;

/** Creates the entry of an action of a caller; permissions and attributes of the principal are left out. */
export function auditEntry({ principal, tenant }: Caller, detail: AuditDetail): AuditEntry {
  const { subject, roles, via } = principal;
  return { tenant, actor: { subject, roles, via }, ...detail };
}

/** Name of the journal of a tenant. */
export function auditLogName(tenant: string): string {
  return `audit/${tenant}`;
}

/** Durable when it resolves. If it rejects, the action must not be reported as done. */
export async function appendAudit(journal: Journal, entry: AuditEntry): Promise<void> {
  await journal.append(auditLogName(entry.tenant), [entry as unknown as JsonObject]); // its fields are plain JSON
}

const text = z.string();
const json = z.unknown() as z.ZodType<JsonValue>; // the journal was parsed from JSON

const schema: z.ZodType<AuditEntry> = z.object({
  id: text,
  at: z.iso.datetime(),
  tenant: text,
  actor: z.object({ subject: text, roles: z.array(text), via: z.enum(ACTOR_VIAS) }),
  action: z.enum(AUDIT_ACTIONS),
  way: z.enum(AUDIT_WAYS),
  run: text.exactOptional(),
  skill: text.exactOptional(),
  reason: text.exactOptional(),
  policy: text.exactOptional(),
  digest: text.exactOptional(),
  comment: text.exactOptional(),
  before: json.exactOptional(),
  after: json.exactOptional(),
  request_id: text.exactOptional(),
});

/** Returns undefined for a line that is not an audit entry, for example of a newer version. */
export function readAudit(value: JsonObject): AuditEntry | undefined {
  return schema.safeParse(value).data;
}

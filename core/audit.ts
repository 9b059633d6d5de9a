/** What was decided and changed: by whom, when, by which way, before and after; entries of an append-only log. */
import * as z from 'zod';
import type { JsonObject, JsonValue } from './json.ts';
import type { Journal } from './ports.ts';
import type { Caller } from './principal.ts';

export const AUDIT_ACTIONS = [
  'run_allowed',
  'run_blocked',
  'run_parked',
  'run_edited',
  'run_cancelled',
  'run_rerun',
  'run_steered',
  'approval_approved',
  'approval_denied',
  'approval_ignored',
  'approval_expired',
  'operation_denied',
  'circuit_opened',
  'circuit_reset',
  'reservation_released',
  'skill_added',
  'skill_deprecated',
  'skill_undeprecated',
  'composition_created',
  'composition_activated',
  'composition_rolled_back',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

const ACTOR_VIAS = ['local', 'jwt', 'system', 'unknown'] as const;
const AUDIT_WAYS = ['cli', 'api', 'ui', 'signal', 'worker'] as const;

/** By which way an action came to SkillOS. */
export type AuditWay = (typeof AUDIT_WAYS)[number];

/** `via` says how it is known who acted, as for a principal. */
export interface AuditActor {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly via: (typeof ACTOR_VIAS)[number];
}

/** What SkillOS does by itself, such as letting an approval expire. */
export const SYSTEM: AuditActor = { subject: 'skillos', roles: [], via: 'system' };

/** Whoever sent a signal: it carries no identity. */
export const UNKNOWN_ACTOR: AuditActor = { subject: 'unknown', roles: [], via: 'unknown' };

/** Its fields stand in the log as they are named here. No secret, payload or output belongs into any of them. */
export interface AuditEntry {
  /** Entries of one id tell of one event: whoever may write twice after a crash gives the same id both times. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly tenant: string;
  readonly actor: AuditActor;
  readonly action: AuditAction;
  readonly way: AuditWay;
  readonly run?: string;
  readonly skill?: string;
  /** Code of why, such as `permission_denied`. */
  readonly reason?: string;
  /** The rule that decided. */
  readonly policy?: string;
  readonly digest?: string;
  readonly comment?: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  readonly request_id?: string;
}

type AuditDetail = Omit<AuditEntry, 'tenant' | 'actor'>;

/** What a caller did; of the principal only what a record keeps. */
export function auditEntry({ principal, tenant }: Caller, detail: AuditDetail): AuditEntry {
  const { subject, roles, via } = principal;
  return { tenant, actor: { subject, roles, via }, ...detail };
}

/** The log of one tenant. */
export function auditLogName(tenant: string): string {
  return `audit/${tenant}`;
}

/** Durable when it resolves. An audit that cannot be written rejects: what it tells of is then not to be reported as done. */
export async function appendAudit(journal: Journal, entry: AuditEntry): Promise<void> {
  await journal.append(auditLogName(entry.tenant), [entry as unknown as JsonObject]); // plain JSON by its type
}

const text = z.string();
const json = z.unknown() as z.ZodType<JsonValue>; // it was read from JSON

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

/** `undefined` where something else wrote into the log, or a newer SkillOS did. */
export function readAudit(value: JsonObject): AuditEntry | undefined {
  return schema.safeParse(value).data;
}

/** The events of the event log, with their names and fields as logged. */
import { sha256 } from '../values/digest.ts';
import { isoTime } from '../values/iso-time.ts';
import { wordsOf } from '../routing/text.ts';

/** Names and fields of the predecessor. Times are ISO 8601. */
export interface EventFields {
  readonly request_received: {
    readonly query_hash: string;
    readonly query_length: number;
    readonly token_count: number;
  };
  readonly routing_candidates: {
    readonly candidates: readonly { readonly skill_id: string; readonly score: number }[];
    readonly routing_latency_ms: number;
    readonly cache_hit?: boolean;
  };
  readonly routing_decision: {
    readonly skill_id: string | null;
    readonly confidence: number;
    readonly status: string;
    readonly reason: string;
    readonly alternatives?: readonly string[];
  };
  readonly skill_selected: {
    readonly skill_id: string;
    readonly confidence: number;
    readonly status: string;
  };
  readonly permission_decision: {
    readonly allowed: boolean;
    readonly policy_id: string | null;
    readonly role: string | null;
    readonly skill_id: string;
    readonly required_permissions?: readonly string[];
    readonly missing_permissions?: readonly string[];
  };
  readonly policy_decision: {
    readonly allowed: boolean;
    readonly policy_id: string | null;
    readonly approval_required?: boolean;
    readonly approval_reason?: string;
    readonly approval_status?: string;
    readonly risk_level?: string;
  };
  readonly budget_check: {
    readonly allowed: boolean;
    readonly reason: string | null;
    readonly model: string | null;
    /** Sum for all steps, in decimal units. */
    readonly estimated_cost?: number;
    readonly remaining_daily?: number;
    readonly remaining_monthly?: number;
  };
  readonly execution_result: {
    readonly status: string;
    readonly duration_ms: number;
    readonly skill_id?: string;
    readonly error_class?: string;
  };
  readonly pipeline_step: {
    readonly status: string;
    readonly duration_ms: number;
    readonly step_id: string;
    readonly order: number;
    readonly skill_id?: string;
    readonly group?: number;
    readonly error_class?: string;
  };
  readonly pipeline_cancelled: { readonly skill_id: string };
  readonly deprecated_skill_used: {
    readonly skill_id: string;
    readonly deprecation_reason?: string;
    readonly replacement_id?: string;
  };
  readonly feedback_received: {
    readonly expected_skill_id: string;
    readonly correction: boolean;
    readonly source: string;
    readonly skill_id?: string;
  };
  readonly schedule_due: ScheduleDue;
  readonly schedule_started: ScheduleDue;
  readonly schedule_completed: ScheduleEnd;
  readonly schedule_failed: ScheduleEnd & { readonly error_class: string };
  readonly job_enqueued: JobFields & MaxRetries;
  readonly job_started: JobFields & MaxRetries & { readonly retries: number };
  readonly job_succeeded: JobFields & { readonly duration_ms: number };
  readonly job_failed: JobFields &
    MaxRetries & {
      readonly error_class: string;
      /** False if the job has ended. */
      readonly retrying: boolean;
      /** Attempts of the step that have failed, if it is tried again. */
      readonly retries?: number;
      readonly next_run_at?: string;
    };
  readonly idempotency_skipped: {
    readonly source: string;
    readonly skill_id: string;
    /** SHA-256 of the key, because a caller may put secrets into a key. */
    readonly idempotency_key_hash: string;
    readonly expires_at: string;
  };
  readonly attachments_ingested: {
    readonly count: number;
    readonly total_bytes: number;
    readonly attachments: readonly { readonly content_type: string; readonly bytes: number }[];
  };
  readonly integration_call: {
    readonly connector_id: string;
    readonly status: string;
    readonly latency_ms: number;
    readonly method: string;
    readonly host: string;
    readonly bytes: number;
    readonly skill_id: string;
    readonly status_code?: number;
    readonly error_class?: string;
  };
  readonly webhook_received: {
    readonly trigger_id: string;
    readonly skill_id: string | null;
    readonly status: 'accepted' | 'rejected' | 'rate_limited';
    readonly status_code: number;
    readonly reason?: string;
  };
  /** An activity, decision or step command that a worker has refused; `reason` is the error code. */
  readonly work_refused: { readonly reason: string };
  readonly marketplace_install_rejected: { readonly package_id: string; readonly reason: string };
}

interface ScheduleDue {
  readonly schedule_id: string;
  readonly skill_id: string;
  readonly due_at: string;
  readonly lag_ms: number;
}

interface ScheduleEnd {
  readonly schedule_id: string;
  readonly skill_id: string;
  readonly duration_ms: number;
  readonly status: string;
}

interface MaxRetries {
  /** Null for the number in the manifest. */
  readonly max_retries: number | null;
}

interface JobFields {
  readonly job_id: string;
  readonly skill_id: string;
  readonly status: string;
}

type EventName = keyof EventFields;

/** Fields that are equal in all lines of one request, across processes. */
interface EventContext {
  /** The ULID of the run id, if there is a run. */
  readonly request_id: string;
  readonly run_id?: string;
  readonly tenant?: string;
  /** Time of the event if it is logged later; ISO 8601. */
  readonly timestamp?: string;
}

/** An event and its fields. */
export type EventBody = {
  readonly [Name in EventName]: { readonly event: Name } & EventFields[Name];
}[EventName];

export type TelemetryEvent = EventContext & EventBody;

/** Describes a query without its text, which may contain secrets. */
export function queryFields(query: string): EventFields['request_received'] {
  return {
    query_hash: sha256(query),
    query_length: Array.from(query).length,
    token_count: wordsOf(query).length,
  };
}

/** Describes a request that its idempotency key answered with an earlier run. */
export function skippedEvent(skipped: {
  /** The operation to which the key belongs, such as `webhook`. */
  readonly source: string;
  readonly skill: string;
  readonly key: string;
  /** Unix milliseconds at which the key expires. */
  readonly expiresAt: number;
}): EventBody {
  const { source, skill, key, expiresAt } = skipped;
  return {
    event: 'idempotency_skipped',
    source,
    skill_id: skill,
    idempotency_key_hash: sha256(key),
    expires_at: isoTime(expiresAt),
  };
}

/** Port for the event log, which operators read. */
export interface EventLog {
  /** Returns at once and never throws, so that logging cannot delay or break the work. */
  emit(event: TelemetryEvent): void;
  /** Resolves when all events are written or failed. */
  close(): Promise<void>;
}

/** What the event log tells, a line an event: a closed table of names and fields, as they stand in the log. */
import { sha256 } from './digest.ts';
import { wordsOf } from './text.ts';

/** Names and fields are those of the predecessor; times of day are ISO 8601. */
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
    /** In units, for all steps together. */
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
  readonly pipeline_cancelled: { readonly skill_id: string; readonly reason?: string };
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
  readonly job_enqueued: JobFields & { readonly max_retries: number };
  readonly job_started: JobFields & { readonly max_retries: number; readonly retries: number };
  readonly job_succeeded: JobFields & { readonly duration_ms: number };
  readonly job_failed: JobFields & {
    readonly error_class: string;
    readonly retries: number;
    readonly max_retries: number;
    readonly next_run_at?: string;
    readonly retrying?: boolean;
  };
  readonly idempotency_skipped: {
    readonly source: string;
    readonly skill_id: string;
    /** SHA-256 of the key: a caller chose it, and might have put anything into it. */
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
    readonly connector_type: string;
    readonly status: string;
    readonly latency_ms: number;
    readonly method?: string;
    readonly url?: string;
    readonly status_code?: number;
    readonly operation?: string;
    readonly error_class?: string;
  };
  readonly webhook_received: {
    readonly trigger_id: string;
    readonly skill_id: string | null;
    readonly status: 'accepted' | 'rejected' | 'rate_limited';
    readonly status_code: number;
    readonly reason?: string;
  };
  readonly marketplace_install_rejected: { readonly package_id: string; readonly reason: string };
}

interface ScheduleDue {
  readonly schedule_id: string;
  readonly skill_id: string;
  readonly due_at: string;
  readonly lag_ms: number;
  readonly run_at?: string;
  readonly retries?: number;
  readonly max_retries?: number;
}

interface ScheduleEnd {
  readonly schedule_id: string;
  readonly skill_id: string;
  readonly duration_ms: number;
  readonly status: string;
}

interface JobFields {
  readonly job_id: string;
  readonly skill_id: string;
  readonly status: string;
}

type EventName = keyof EventFields;

/** What joins the lines of one request, over all processes that worked on it. */
interface EventContext {
  /** The ULID that the run's id ends with, where there is a run. */
  readonly request_id: string;
  readonly run_id?: string;
  readonly tenant?: string;
  /** When it happened, where that is not when it is told; ISO 8601. */
  readonly timestamp?: string;
}

/** An event and its fields. */
export type Happening = {
  readonly [Name in EventName]: { readonly event: Name } & EventFields[Name];
}[EventName];

export type TelemetryEvent = EventContext & Happening;

/** The query itself is not logged: it may hold anything. */
export function queryFields(query: string): EventFields['request_received'] {
  return {
    query_hash: sha256(query),
    query_length: Array.from(query).length,
    token_count: wordsOf(query).length,
  };
}

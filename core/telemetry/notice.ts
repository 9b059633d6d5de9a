/** Notices about runs that people may have to act on, for the webhook of the operator. */
import { decidingDecision, decisionDocument, expiryOf, hasApproval } from '../runs/run-approval.ts';
import type { RunWithApproval } from '../runs/run-approval.ts';
import { approverLists } from '../approvals/approval.ts';
import type { RecordedDecision } from '../approvals/approval.ts';
import type { RunRecord } from '../runs/run.ts';
import type { JsonObject } from '../json.ts';

export interface Notice {
  /** Equal for repetitions of the same notice, so that a receiver can ignore them. */
  readonly id: string;
  readonly body: JsonObject;
}

/**
 * The notice that a change of a record gives reason for: a run waits for approval, has been decided, was denied because
 * nobody decided in time, or has failed. Returns undefined for any other change. `now` is ISO 8601. With the public address of the
 * API it links the page of the run. Contains no payload.
 */
export function noticeOf(record: RunRecord, now: string, publicUrl?: string): Notice | undefined {
  const { id, status, reason } = record;
  const base = { now, ...(publicUrl === undefined ? {} : { url: `${publicUrl}/ui/runs/${id}` }) };
  if (status === 'awaiting_approval' && hasApproval(record)) {
    const decision = decidingDecision(record);
    return decision === undefined ? parkedNotice(record, base) : decidedNotice(record, decision, base);
  }
  if (status === 'blocked' && reason === 'approval_expired') return notice('run.expired', record, base);
  if (status !== 'error') return undefined;
  const { code = '', message = '', step } = record.error ?? {};
  return notice('run.failed', record, {
    ...base,
    error: { code, message, ...(step === undefined ? {} : { step }) },
  });
}

function parkedNotice(record: RunWithApproval, base: Fields): Notice {
  const { requirement, step } = record.approval;
  return notice('run.parked', record, {
    ...base,
    reasons: requirement.reasons,
    approvers: approverLists(requirement),
    needed: requirement.nOf,
    expires_at: expiryOf(record.approval),
    ...(step === undefined ? {} : { step }),
  });
}

function decidedNotice(record: RunWithApproval, decision: RecordedDecision, base: Fields): Notice {
  return notice('run.decided', record, { ...base, decision: decisionDocument(decision) });
}

/** The time and the fields that only one type of notice has. */
type Fields = JsonObject & { readonly now: string };

function notice(type: string, record: RunRecord, { now: timestamp, ...more }: Fields): Notice {
  const { id: runId, executionId = '', skill, tenant, principal, approval, policy, reason } = record;
  const named = policy ?? approval?.requirement.policy;
  return {
    id: [type, runId, executionId, approval?.digest.slice(0, 16) ?? ''].join('/'),
    body: {
      type,
      timestamp,
      data: {
        run_id: runId,
        skill,
        tenant,
        principal: principal.subject,
        ...(reason === undefined ? {} : { reason }),
        ...(named === undefined ? {} : { policy: named }),
        ...more,
      },
    },
  };
}

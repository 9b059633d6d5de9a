/** The approval of a run: its status, its deciding decision, and the errors of late decisions. */
import { tally } from '../approvals/approval.ts';
import type { DecisionWord, RecordedDecision } from '../approvals/approval.ts';
import { SkillosError } from '../errors/errors.ts';
import { isoTime, msOf } from '../values/iso-time.ts';
import type { JsonObject } from '../json.ts';
import type { ParkedApproval } from '../approvals/parked-approval.ts';
import type { RunRecord } from './run.ts';

export type RunWithApproval = RunRecord & { readonly approval: ParkedApproval };

/** `withdrawn`: the run ended before a decision. */
export type ApprovalStatus = 'pending' | DecisionWord | 'expired' | 'withdrawn';

export function hasApproval(record: RunRecord): record is RunWithApproval {
  return record.approval !== undefined;
}

export function approvalStatus({ status, reason, approval }: RunWithApproval): ApprovalStatus {
  if (status === 'awaiting_approval') return 'pending';
  const word = tally(approval.requirement, approval.decisions);
  if (word !== 'pending') return word;
  return reason === 'approval_expired' ? 'expired' : 'withdrawn';
}

/** Number of different people who have approved. */
export function approvalCount({ decisions }: ParkedApproval): number {
  const approving = decisions.filter(({ counted, decision }) => counted && decision === 'approved');
  return new Set(approving.map(({ subject }) => subject)).size;
}

/** Time at which the approval expires; ISO 8601. */
export function expiryOf({ since, requirement }: ParkedApproval): string {
  return isoTime(msOf(since) + requirement.timeoutMs);
}

/** Returns the decision that approved or denied, or undefined if there is none yet. */
export function decidingDecision({ approval }: RunWithApproval): RecordedDecision | undefined {
  const { requirement, decisions } = approval;
  const index = decisions.findIndex((_, at) => tally(requirement, decisions.slice(0, at + 1)) !== 'pending');
  return decisions[index];
}

/** Counts the wait for people before a step that ends at `now` (ISO 8601). */
export function waitEnded(record: RunRecord, now: string): Pick<RunRecord, 'waitedMs'> {
  const { startedAt, waitedMs = 0 } = record;
  const since = waitsSince(record);
  if (startedAt === undefined || since === undefined) return {};
  return { waitedMs: waitedMs + Math.max(0, msOf(now) - msOf(since)) };
}

/** Milliseconds from the claim to the end or to `now`, without waits for people; undefined before the claim. */
export function durationMs(record: RunRecord, now: number): number | undefined {
  const { startedAt, endedAt = waitsSince(record), waitedMs = 0 } = record;
  if (startedAt === undefined) return undefined;
  return Math.max(0, (endedAt === undefined ? now : msOf(endedAt)) - msOf(startedAt) - waitedMs);
}

/** When the run began to wait for an approval, or for a command before a step. */
function waitsSince({ status, approval, pause }: RunRecord): string | undefined {
  if (status === 'paused') return pause?.since;
  return status === 'awaiting_approval' ? approval?.since : undefined;
}

/** A decision as a JSON document; a signal has no principal. */
export function decisionDocument(made: RecordedDecision): JsonObject {
  const { decision, subject, via, at, comment, counted, reason } = made;
  return {
    decision,
    ...(subject === '' ? {} : { principal: subject }),
    way: via,
    at,
    counted,
    ...(comment === undefined ? {} : { comment }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Returns the error for a late decision: `approval_decided` with the decider, or `run_finished` if nobody decided. */
export function decidedOrFinished(run: RunWithApproval): SkillosError {
  const standing = approvalStatus(run);
  if (standing !== 'pending' && standing !== 'withdrawn')
    return decided(run.id, standing, decidingDecision(run));
  return new SkillosError('run_finished', `Run "${run.id}" has ended: ${run.status}`, {
    hint: `skillos runs show ${run.id}`,
  });
}

/** `by` is undefined if the approval expired. */
export function decided(runId: string, word: string, by: RecordedDecision | undefined): SkillosError {
  const who = by === undefined ? 'nobody in time' : by.subject || 'a signal';
  const winner: JsonObject = by === undefined ? { decision: word } : decisionDocument(by);
  return new SkillosError('approval_decided', `Run "${runId}" has been decided: ${word}, by ${who}`, {
    details: { winner },
    hint: `skillos approvals show ${runId}`,
  });
}

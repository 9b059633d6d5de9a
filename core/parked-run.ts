/** A run that waits for people, or has waited for them: how that stands, and who had the last word. */
import { tally } from './approval.ts';
import type { DecisionWord, RecordedDecision } from './approval.ts';
import { SkillosError } from './errors.ts';
import { isoTime, msOf } from './iso-time.ts';
import type { JsonObject } from './json.ts';
import type { ParkedApproval, RunRecord } from './run.ts';

export type ParkedRun = RunRecord & { readonly approval: ParkedApproval };

/** How a question to people stands; `withdrawn` where the run ended before it was answered. */
export type Standing = 'pending' | DecisionWord | 'expired' | 'withdrawn';

export function isParked(record: RunRecord): record is ParkedRun {
  return record.approval !== undefined;
}

export function standingOf({ status, reason, approval }: ParkedRun): Standing {
  if (status === 'awaiting_approval') return 'pending';
  const word = tally(approval.requirement, approval.decisions);
  if (word !== 'pending') return word;
  return reason === 'approval_expired' ? 'expired' : 'withdrawn';
}

/** How many different people have approved so far. */
export function approvalCount({ decisions }: ParkedApproval): number {
  const approving = decisions.filter(({ counted, decision }) => counted && decision === 'approved');
  return new Set(approving.map(({ subject }) => subject)).size;
}

/** When waiting denies; ISO 8601. */
export function expiryOf({ since, requirement }: ParkedApproval): string {
  return isoTime(msOf(since) + requirement.timeoutMs);
}

/** The decision that was the last word, where one was. */
export function winnerOf({ approval }: ParkedRun): RecordedDecision | undefined {
  const { requirement, decisions } = approval;
  const index = decisions.findIndex((_, at) => tally(requirement, decisions.slice(0, at + 1)) !== 'pending');
  return decisions[index];
}

/** The subject of a signal is nobody’s. */
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

/** That a run is decided, and by whom; `run_finished` where it ended undecided. */
export function alreadyDecided(run: ParkedRun): SkillosError {
  const standing = standingOf(run);
  if (standing !== 'pending' && standing !== 'withdrawn') return decided(run.id, standing, winnerOf(run));
  return new SkillosError('run_finished', `Run "${run.id}" has ended: ${run.status}`, {
    hint: `skillos runs show ${run.id}`,
  });
}

/** `by` is absent where nobody decided in time. */
export function decided(runId: string, word: string, by: RecordedDecision | undefined): SkillosError {
  const who = by === undefined ? 'nobody in time' : by.subject || 'a signal';
  const winner: JsonObject = by === undefined ? { decision: word } : decisionDocument(by);
  return new SkillosError('approval_decided', `Run "${runId}" has been decided: ${word}, by ${who}`, {
    details: { winner },
    hint: `skillos approvals show ${runId}`,
  });
}

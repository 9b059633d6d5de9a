/** Approvals as documents: what `--json` prints and the API answers. */
import { inUnits } from './amount.ts';
import { approverLists, tally } from './approval.ts';
import type { DecisionWord, RecordedDecision } from './approval.ts';
import { isoTime, msOf } from './iso-time.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { ParkedApproval, RunRecord } from './run.ts';

/** A run that waits for people, or has waited for them. */
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

/** As one of a list. */
export function approvalItem(run: ParkedRun): JsonObject {
  const { approval } = run;
  const { requirement, step } = approval;
  return {
    run_id: run.id,
    skill: run.skill,
    status: standingOf(run),
    principal: run.principal.subject,
    created_at: run.createdAt,
    waiting_since: approval.since,
    expires_at: expiryOf(approval),
    policy: requirement.policy,
    reasons: requirement.reasons,
    approvers: approverLists(requirement),
    approvals: approvalCount(approval),
    needed: requirement.nOf,
    allow_self: requirement.allowSelf,
    token_required: requirement.proof,
    plan_digest: approval.digest,
    ...(step === undefined ? {} : { step }),
    ...(run.cost === undefined ? {} : { cost: inUnits(run.cost) }),
  };
}

/** Everything that whoever decides should have seen; `input` is what the approval carries. */
export function approvalDocument(run: ParkedRun, input: JsonValue): JsonObject & { readonly schema: string } {
  return {
    schema: 'skillos.approval/v1',
    ...approvalItem(run),
    roles: run.principal.roles,
    input,
    steps: run.steps.map(({ number, skill, hash, sideEffects, cost }) => ({
      id: number,
      skill,
      hash,
      ...(sideEffects === undefined ? {} : { side_effects: sideEffects }),
      ...(cost === undefined ? {} : { cost: inUnits(cost) }),
    })),
    warnings: (run.warnings ?? []).map(({ message }) => message),
    decisions: run.approval.decisions.map(decisionDocument),
  };
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

/** The decision that was the last word, where one was. */
export function winnerOf({ approval }: ParkedRun): RecordedDecision | undefined {
  const { requirement, decisions } = approval;
  const index = decisions.findIndex((_, at) => tally(requirement, decisions.slice(0, at + 1)) !== 'pending');
  return decisions[index];
}

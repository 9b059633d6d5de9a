/** Whether one offered decision counts, by all that only the worker knows: rights, keys, and the token. */
import { isProven } from './approval-proof.ts';
import { approverLists, isApprover, refuseDecider } from './approval.ts';
import type { ApprovalRequirement, Decision, SignalledDecision } from './approval.ts';
import type { ErrorCode } from './error-codes.ts';
import { mayOperate } from './operations.ts';
import type { PermissionFile } from './permission-file.ts';
import { withRules } from './permission-policy.ts';
import type { Rights, Ruling } from './permission-policy.ts';
import { distrustDecision } from './request-signature.ts';
import type { Trust } from './request-signature.ts';
import type { RecordedPrincipal } from './run.ts';

export interface DecisionQuestion {
  readonly runId: string;
  readonly tenant: string;
  readonly requester: RecordedPrincipal;
  readonly requirement: ApprovalRequirement;
  /** Of the plan that waits. */
  readonly digest: string;
  readonly decision: Decision | SignalledDecision;
  readonly file: PermissionFile;
  readonly trust: Trust;
  /** The worker's own. */
  readonly approvalToken?: string | undefined;
}

export type Weight =
  { readonly counted: true } | { readonly counted: false; readonly code: ErrorCode; readonly reason: string };

type Refusal = Omit<Extract<Weight, { counted: false }>, 'counted'>;

/** The first doubt decides. */
export function weigh(question: DecisionQuestion): Weight {
  const { decision } = question;
  const refusal =
    decision.via === 'signal' ? refuseSignal(question) : refuseDecision({ ...question, decision });
  return refusal === undefined ? { counted: true } : { counted: false, ...refusal };
}

/** Nobody knows who sends one, and the worker may have become stricter while the run waited. */
function refuseSignal({ requirement, trust, approvalToken }: DecisionQuestion): Refusal | undefined {
  if (requirement.signals && !trust.production && approvalToken === undefined) return undefined;
  return denied('A signal does not say who decides: use skillos approve or skillos deny');
}

function refuseDecision(question: DecisionQuestion & { readonly decision: Decision }): Refusal | undefined {
  const { runId, tenant, requester, requirement, decision, digest, file, trust } = question;
  const doubt = distrustDecision(runId, decision, trust);
  if (doubt !== undefined) return denied(doubt);
  if (decision.tenant !== tenant) return { code: 'unknown_run', reason: `Unknown run "${runId}"` };
  const { principal } = decision;
  const rights = { principal, tenant, file, production: trust.production };
  const ruling = mayDecide(rights, requirement, requester);
  if (!ruling.isAllowed) return { code: ruling.reason, reason: ruling.message };
  return (
    refuseDecider(requirement, requester, decision) ??
    refuseProof(question) ??
    (decision.digest === digest
      ? undefined
      : { code: 'plan_changed', reason: 'The decision is about another plan' })
  );
}

/**
 * Whether somebody is one of those who may decide. Approvers that a policy names need no permission besides; a
 * permission file that is broken lets nobody decide.
 */
export function mayDecide(
  rights: Rights,
  requirement: ApprovalRequirement,
  requester: RecordedPrincipal,
): Ruling {
  if (approverLists(requirement).length === 0) return mayDecideUnnamed(rights, requirement, requester);
  const ruling = withRules(rights, () => ({ isAllowed: true, explain: ['the policy names who decides'] }));
  if (!ruling.isAllowed || isApprover(requirement, rights.principal)) return ruling;
  const message = 'Only the approvers that the policy names may decide';
  const { policy } = requirement;
  return { isAllowed: false, reason: 'permission_denied', policy, message, explain: [message] };
}

/** Where no policy names approvers, who asked may decide too, if that is allowed at all. */
function mayDecideUnnamed(
  rights: Rights,
  { allowSelf }: ApprovalRequirement,
  principal: RecordedPrincipal,
): Ruling {
  const own = mayOperate(rights, 'approvals:decide', { principal });
  if (!allowSelf || !own.isAllowed) return mayOperate(rights, 'approvals:decide');
  return withRules(rights, () => own);
}

/** Asked for a run that was parked with a token also where the worker has lost it since. */
function refuseProof({
  runId,
  decision: { decision, digest, principal, proof },
  requirement,
  approvalToken,
}: DecisionQuestion & { readonly decision: Decision }): Refusal | undefined {
  if (approvalToken === undefined) {
    return requirement.proof
      ? unproven('The worker has no approval token to verify the decision with')
      : undefined;
  }
  const proven = { runId, digest, decision, subject: principal.subject };
  if (proof !== undefined && isProven(approvalToken, proven, proof)) return undefined;
  return unproven('The decision does not prove that its sender has the approval token');
}

function unproven(reason: string): Refusal {
  return { code: 'approval_proof_invalid', reason };
}

function denied(reason: string): Refusal {
  return { code: 'permission_denied', reason };
}

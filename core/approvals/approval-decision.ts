/** Decides in the worker if a decision counts, by rights, server key and approval token. */
import { isProven } from './approval-proof.ts';
import { approverLists, isApprover, onlyApprovers, refuseDecider } from './approval.ts';
import type { ApprovalRequirement, Decision, SignalledDecision } from './approval.ts';
import type { ErrorCode } from '../errors/error-codes.ts';
import { mayOperate } from '../rights/operations.ts';
import type { PermissionFile } from '../rights/permission-file.ts';
import { globMatcher } from '../values/glob.ts';
import { withRules } from '../rights/permission-policy.ts';
import type { Rights, Ruling } from '../rights/permission-policy.ts';
import { refuseDecisionSignature } from './decision-signature.ts';
import { isSignalCode, parseSignalText } from './signal-code.ts';
import type { Trust } from '../rights/trust.ts';
import type { RecordedPrincipal } from '../rights/principal.ts';

export interface DecisionInput {
  readonly runId: string;
  /** The execution that waits. */
  readonly executionId: string;
  readonly tenant: string;
  readonly requester: RecordedPrincipal;
  readonly requirement: ApprovalRequirement;
  /** Digest of the plan that waits for approval. */
  readonly digest: string;
  readonly decision: Decision | SignalledDecision;
  readonly file: PermissionFile;
  readonly trust: Trust;
  /** The approval token of the worker. */
  readonly approvalToken?: string | undefined;
}

export type DecisionEvaluation =
  { readonly counted: true } | { readonly counted: false; readonly code: ErrorCode; readonly reason: string };

type Refusal = Omit<Extract<DecisionEvaluation, { counted: false }>, 'counted'>;

/** Returns the first reason for which the decision does not count, or that it counts. */
export function evaluateDecision(question: DecisionInput): DecisionEvaluation {
  const { decision } = question;
  const refusal =
    decision.via === 'signal' ? refuseSignal(question) : refuseDecision({ ...question, decision });
  return refusal === undefined ? { counted: true } : { counted: false, ...refusal };
}

/**
 * A signal has no verified sender; with a server key its text begins with a code. The settings of the worker may have become
 * stricter since the run began to wait.
 */
function refuseSignal(question: DecisionInput): Refusal | undefined {
  const { requirement, trust, approvalToken, decision } = question;
  if (!requirement.signals || trust.production || approvalToken !== undefined) {
    return denied('A signal has no verified sender: use skillos approve or skillos deny');
  }
  const { serverKey } = trust;
  if (serverKey === undefined) return undefined;
  const { code } = parseSignalText(decision.comment);
  if (isSignalCode(code, serverKey, question)) return undefined;
  return denied('The signal does not begin with the code that skillos approvals show prints');
}

function refuseDecision(question: DecisionInput & { readonly decision: Decision }): Refusal | undefined {
  const { runId, tenant, requester, requirement, decision, digest, file, trust } = question;
  const doubt = refuseDecisionSignature(runId, decision, trust);
  if (doubt !== undefined) return { code: 'work_refused', reason: doubt };
  if (!isOfExecution(question)) {
    return { code: 'run_replayed', reason: 'The decision is about another execution of the run' };
  }
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
      : { code: 'plan_changed', reason: 'The decision names the digest of another plan' })
  );
}

/**
 * Decides if the caller may decide about an approval. Approvers named by a policy need no further permission. An invalid
 * permission file permits no decision.
 */
export function mayDecide(
  rights: Rights,
  requirement: ApprovalRequirement,
  requester: RecordedPrincipal,
): Ruling {
  if (approverLists(requirement).length === 0) return mayDecideUnnamed(rights, requirement, requester);
  const ruling = withRules(rights, () => ({ isAllowed: true, explain: ['the policy names the approvers'] }));
  if (!ruling.isAllowed || isApprover(requirement, rights.principal)) return ruling;
  const message = onlyApprovers(requirement);
  const { policy } = requirement;
  const hint = 'Decide as one of them, with their role (--role) or their token (--jwt)';
  return { isAllowed: false, reason: 'permission_denied', policy, message, hint, explain: [message] };
}

/** Without named approvers the permission `approvals:decide` is required, or with `allowSelf` the requester may decide. */
function mayDecideUnnamed(
  rights: Rights,
  { allowSelf }: ApprovalRequirement,
  principal: RecordedPrincipal,
): Ruling {
  const own = mayOperate(rights, 'approvals:decide', { principal });
  if (!allowSelf || !own.isAllowed) return namingDeciders(rights, mayOperate(rights, 'approvals:decide'));
  return withRules(rights, () => own);
}

/** Adds the roles that may decide to a refusal, so that the refused caller knows whom to turn to. */
function namingDeciders({ file }: Rights, ruling: Ruling): Ruling {
  if (ruling.isAllowed || file.status !== 'read') return ruling;
  const roles = [...file.rules.roles].flatMap(([role, granted]) =>
    granted.some((glob) => globMatcher(glob)('approvals:decide')) ? [`"${role}"`] : [],
  );
  const who = roles.length === 0 ? 'no role is granted it' : `roles with it: ${roles.join(', ')}`;
  return { ...ruling, message: `${ruling.message}; ${who}` };
}

/** Requires the proof too if the run was parked under an approval token that the worker no longer has. */
function refuseProof({
  runId,
  decision: { decision, digest, principal, proof, execution },
  requirement,
  approvalToken,
}: DecisionInput & { readonly decision: Decision }): Refusal | undefined {
  if (approvalToken === undefined) {
    return requirement.proof
      ? unproven('The worker has no approval token to verify the decision with')
      : undefined;
  }
  const proven = { runId, digest, decision, subject: principal.subject, execution };
  if (proof !== undefined && isProven(approvalToken, proven, proof)) return undefined;
  return unproven('The decision does not prove that its sender has the approval token');
}

/** Nobody can tell the execution of a decision that names none; without key and token such a decision counts. */
function isOfExecution({
  decision: { execution },
  executionId,
  trust,
  approvalToken,
}: DecisionInput & { readonly decision: Decision }): boolean {
  const isBound = trust.serverKey !== undefined || approvalToken !== undefined;
  return execution === executionId || (execution === undefined && !isBound);
}

function unproven(reason: string): Refusal {
  return { code: 'approval_proof_invalid', reason };
}

function denied(reason: string): Refusal {
  return { code: 'permission_denied', reason };
}

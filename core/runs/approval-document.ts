/** Approvals as JSON documents. */
import { inUnits } from '../values/amount.ts';
import { approverLists } from '../approvals/approval.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { approvalCount, decisionDocument, expiryOf, approvalStatus } from './run-approval.ts';
import type { RunWithApproval } from './run-approval.ts';

/** An approval in a list. */
export function approvalItem(run: RunWithApproval): JsonObject {
  const { approval } = run;
  const { requirement, step } = approval;
  return {
    run_id: run.id,
    skill: run.skill,
    status: approvalStatus(run),
    principal: run.principal.subject,
    created_at: run.createdAt,
    waiting_since: approval.since,
    expires_at: expiryOf(approval),
    policy: requirement.policy,
    reasons: requirement.reasons,
    ...(requirement.seen === undefined ? {} : { looked_at: requirement.seen.map((each) => ({ ...each })) }),
    ...(requirement.seenLeftOut && { looked_at_left_out: requirement.seenLeftOut }),
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

/** An approval with all that its decider should see. `input` is the loaded input of the approval. */
export function approvalDocument(
  run: RunWithApproval,
  input: JsonValue,
): JsonObject & { readonly schema: string } {
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

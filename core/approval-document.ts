/** Approvals as documents: what `--json` prints and the API answers. */
import { inUnits } from './amount.ts';
import { approverLists } from './approval.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { approvalCount, decisionDocument, expiryOf, standingOf } from './parked-run.ts';
import type { ParkedRun } from './parked-run.ts';

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

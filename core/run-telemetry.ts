/** What the event log tells of routing, and of a run from decision to end. */
import { inUnits } from './amount.ts';
import { stepsFrom } from './plan.ts';
import type { Routing } from './routing.ts';
import { subjectOf } from './run-record.ts';
import type { Blocked, Claim, Failed, Prepared, Ready, RunRequest, Settlement } from './run.ts';
import type { EventFields, Happening } from './telemetry.ts';

/** The router's own reasons quote the query, which is not logged. */
const REASONS: Readonly<Record<Routing['status'], string>> = {
  routed: 'confidence reaches the threshold',
  low_confidence: 'confidence is below the threshold',
  no_skill_found: 'nothing matches',
};

/** The candidates, the decision, and the skill where one was taken. */
export function routingHappenings(routing: Routing, latencyMs: number): readonly Happening[] {
  const { status, confidence, alternatives } = routing;
  const skill = 'skill' in routing ? routing.skill : null;
  const scored = skill === null ? [] : [{ skill_id: skill as string, score: confidence }];
  const others = alternatives.map((other) => ({ skill_id: other.skill as string, score: other.confidence }));
  return [
    { event: 'routing_candidates', candidates: [...scored, ...others], routing_latency_ms: latencyMs },
    {
      event: 'routing_decision',
      skill_id: skill,
      confidence,
      status,
      reason: REASONS[status],
      alternatives: alternatives.map((other) => other.skill),
    },
    ...(status === 'routed'
      ? [{ event: 'skill_selected' as const, skill_id: routing.skill, confidence, status }]
      : []),
  ];
}

/** What `prepare` decided; a claim that it made is told along. */
export function preparedHappenings(request: RunRequest, prepared: Prepared): readonly Happening[] {
  switch (prepared.status) {
    case 'error':
      return [];
    case 'blocked':
      return blockedHappenings(request, prepared);
    case 'ready': {
      const { approval, claim, warnings } = prepared;
      const policy: EventFields['policy_decision'] =
        approval === undefined
          ? { allowed: true, policy_id: null, approval_required: false }
          : {
              allowed: false,
              policy_id: approval.policy,
              approval_required: true,
              approval_reason: approval.reasons.join('; '),
              approval_status: 'pending',
            };
      return [
        permission(request, { allowed: true, policy_id: null }),
        ...warnings.map(({ skill }) => ({ event: 'deprecated_skill_used' as const, skill_id: skill })),
        { event: 'policy_decision', ...policy },
        ...(claim === undefined ? [] : [budget(request, prepared, claim)]),
      ];
    }
  }
}

/** What came of an approved run when it was to begin. */
export function claimedHappenings(
  request: RunRequest,
  prepared: Ready,
  claim: Claim | Blocked | Failed,
): readonly Happening[] {
  if (!('status' in claim)) {
    const policyId = prepared.approval?.policy ?? null;
    const approved = {
      allowed: true,
      policy_id: policyId,
      approval_required: true,
      approval_status: 'approved',
    };
    return [{ event: 'policy_decision', ...approved }, budget(request, prepared, claim)];
  }
  return claim.status === 'blocked' ? blockedHappenings(request, claim) : [];
}

/** How a run ended. */
export function settledHappenings(
  settlement: Settlement,
  run: { readonly skill: string; readonly durationMs: number },
): readonly Happening[] {
  const { status } = settlement;
  const end = {
    event: 'execution_result' as const,
    status,
    duration_ms: run.durationMs,
    skill_id: run.skill,
  };
  switch (status) {
    case 'error':
      return [{ ...end, error_class: settlement.failure.code }];
    case 'blocked':
      return [...approvalEnd(settlement), { ...end, error_class: settlement.reason }];
    case 'success':
    case 'cancelled':
      return [end];
  }
}

/** A no of people comes to light when the run settles. */
function approvalEnd({ reason, policy }: Blocked): readonly Happening[] {
  if (reason !== 'approval_denied' && reason !== 'approval_expired') return [];
  const approval = { approval_required: true, approval_status: reason };
  return [{ event: 'policy_decision', allowed: false, policy_id: policy, ...approval }];
}

function blockedHappenings(request: RunRequest, { reason, policy, message }: Blocked): readonly Happening[] {
  switch (reason) {
    case 'permission_denied':
    case 'policy_invalid':
      return [permission(request, { allowed: false, policy_id: policy })];
    case 'budget_exceeded':
      return [
        permission(request, { allowed: true, policy_id: null }),
        { event: 'budget_check', allowed: false, reason: `${policy}: ${message}`, model: null },
      ];
    case 'circuit_open':
      return [
        permission(request, { allowed: true, policy_id: null }),
        { event: 'policy_decision', allowed: false, policy_id: policy },
      ];
    case 'approval_denied':
    case 'approval_expired':
      return [{ event: 'policy_decision', allowed: false, policy_id: policy }];
  }
}

function permission(
  request: RunRequest,
  decision: Pick<EventFields['permission_decision'], 'allowed' | 'policy_id'>,
): Happening {
  const role = request.principal.roles.join(', ') || null;
  return { event: 'permission_decision', ...decision, role, skill_id: subjectOf(request) };
}

function budget(request: RunRequest, { plan }: Ready, { tier, stepCost }: Claim): Happening {
  const steps = stepsFrom(plan, request.origin?.from);
  const cost = steps.reduce((sum, step) => sum + (step.cost ?? stepCost), 0);
  return { event: 'budget_check', allowed: true, reason: null, model: tier, estimated_cost: inUnits(cost) };
}

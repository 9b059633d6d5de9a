/** Events of routing, and of a run from decision to end. */
import { inUnits } from '../values/amount.ts';
import { stepsFrom } from '../plans/plan.ts';
import type { Routing } from '../routing/routing.ts';
import { subjectOf } from '../plans/plan-title.ts';
import type { Blocked, Claim, Failed, Prepared, Ready, RunRequest, Settlement } from '../runs/run.ts';
import type { EventFields, EventBody } from './events.ts';
import { endEvents } from './start-events.ts';
import type { EndedRun } from './start-events.ts';

/** Replaces the reasons of the router, which quote the query: queries are not logged. */
const REASONS: Readonly<Record<Routing['status'], string>> = {
  routed: 'confidence reaches the threshold',
  low_confidence: 'confidence is below the threshold',
  no_skill_found: 'nothing matches',
};

/** Events for candidates, decision, and the routed skill. `latencyMs` is in milliseconds. */
export function routingEvents(routing: Routing, latencyMs: number): readonly EventBody[] {
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

/** Events for the result of `prepare`, including a claim that it made. */
export function preparedEvents(request: RunRequest, prepared: Prepared): readonly EventBody[] {
  switch (prepared.status) {
    case 'error':
    case 'cancelled':
      return [];
    case 'blocked':
      return blockedEvents(request, prepared);
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

/** Events for the claim of an approved run. */
export function claimedEvents(
  request: RunRequest,
  prepared: Ready,
  claim: Claim | Blocked | Failed,
): readonly EventBody[] {
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
  return claim.status === 'blocked' ? blockedEvents(request, claim) : [];
}

/** Events for the end of a run. */
export function settledEvents(settlement: Settlement, run: EndedRun): readonly EventBody[] {
  return [...resultEvents(settlement, run), ...endEvents(settlement, run)];
}

function resultEvents(settlement: Settlement, run: EndedRun): readonly EventBody[] {
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
    case 'cancelled':
      return run.skill === 'pipeline' ? [{ event: 'pipeline_cancelled', skill_id: run.skill }, end] : [end];
    case 'success':
      return [end];
  }
}

/** A denial by people is logged when the run settles. */
function approvalEnd({ reason, policy }: Blocked): readonly EventBody[] {
  if (reason !== 'approval_denied' && reason !== 'approval_expired') return [];
  const approval = { approval_required: true, approval_status: reason };
  return [{ event: 'policy_decision', allowed: false, policy_id: policy, ...approval }];
}

function blockedEvents(request: RunRequest, { reason, policy, message }: Blocked): readonly EventBody[] {
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
): EventBody {
  const role = request.principal.roles.join(', ') || null;
  return { event: 'permission_decision', ...decision, role, skill_id: subjectOf(request) };
}

function budget(request: RunRequest, { plan }: Ready, { tier, stepCost }: Claim): EventBody {
  const steps = stepsFrom(plan, request.origin?.from);
  const cost = steps.reduce((sum, step) => sum + (step.cost ?? stepCost), 0);
  return { event: 'budget_check', allowed: true, reason: null, model: tier, estimated_cost: inUnits(cost) };
}

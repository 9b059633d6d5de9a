import type { ApprovalRequirement } from '../../../core/approvals/approval.ts';
import type { FrozenStep } from '../../../core/plans/plan.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import {
  claimedEvents,
  preparedEvents,
  routingEvents,
  settledEvents,
} from '../../../core/telemetry/run-events.ts';
import type { Blocked, Claim, Ready, Settlement } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aRequest } from '../../support/builders.ts';

const FLIGHTS = parseSkillId('travel/search_flights');
const HOTELS = parseSkillId('travel/search_hotels');
const REQUEST = aRequest();

const APPROVAL: ApprovalRequirement = {
  policy: 'destructive',
  reasons: ['it is destructive', 'and cannot be undone'],
  approvers: [],
  nOf: 1,
  allowSelf: true,
  timeoutMs: 1000,
  proof: false,
  signals: true,
};
const CLAIM: Claim = { key: 'k', tier: 'cheap', stepCost: 5000 };
const STEP: FrozenStep = {
  number: 1,
  skill: FLIGHTS,
  name: 'Search flights',
  hash: 'h',
  accepts: 'text',
  timeoutMs: 1,
  retry: { maxAttempts: 1, initialMs: 1, backoff: 1, maxIntervalMs: 1, nonRetryable: [] },
  repeatable: false,
};
const READY: Ready = {
  status: 'ready',
  plan: {
    kind: 'sequence',
    plans: [
      { kind: 'step', step: STEP },
      { kind: 'step', step: { ...STEP, number: 2, cost: 20_000 } },
    ],
  },
  digest: 'd',
  payload: { value: 'x' },
  parallelLimit: 4,
  warnings: [],
};

function blocked(reason: Blocked['reason']): Blocked {
  return { status: 'blocked', reason, policy: 'a rule', message: 'no' };
}

describe('routingEvents', () => {
  test('tells candidates, decision and selection', () => {
    const routing: Routing = {
      status: 'routed',
      skill: FLIGHTS,
      confidence: 0.9,
      alternatives: [{ skill: HOTELS, confidence: 0.1 }],
      reasons: ['matches "flights"'],
    };
    expect(routingEvents(routing, 3)).toEqual([
      {
        event: 'routing_candidates',
        candidates: [
          { skill_id: FLIGHTS, score: 0.9 },
          { skill_id: HOTELS, score: 0.1 },
        ],
        routing_latency_ms: 3,
      },
      {
        event: 'routing_decision',
        skill_id: FLIGHTS,
        confidence: 0.9,
        status: 'routed',
        reason: 'confidence reaches the threshold',
        alternatives: [HOTELS],
      },
      { event: 'skill_selected', skill_id: FLIGHTS, confidence: 0.9, status: 'routed' },
    ]);
  });

  test('has no selection without a routed skill', () => {
    const none: Routing = { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: ['nothing'] };
    expect(routingEvents(none, 1)).toEqual([
      { event: 'routing_candidates', candidates: [], routing_latency_ms: 1 },
      {
        event: 'routing_decision',
        skill_id: null,
        confidence: 0,
        status: 'no_skill_found',
        reason: 'nothing matches',
        alternatives: [],
      },
    ]);
  });
});

describe('preparedEvents', () => {
  const permitted = {
    event: 'permission_decision',
    allowed: true,
    policy_id: null,
    role: 'operator',
    skill_id: FLIGHTS,
  };

  test('tells of a run that was claimed at once, with its warnings', () => {
    const warnings = [{ code: 'deprecated_skill', skill: FLIGHTS, message: 'old' }] as const;
    expect(preparedEvents(REQUEST, { ...READY, claim: CLAIM, warnings })).toEqual([
      permitted,
      { event: 'deprecated_skill_used', skill_id: FLIGHTS },
      { event: 'policy_decision', allowed: true, policy_id: null, approval_required: false },
      { event: 'budget_check', allowed: true, reason: null, model: 'cheap', estimated_cost: 2.5 },
    ]);
  });

  test('tells of a run that waits for people', () => {
    expect(preparedEvents(REQUEST, { ...READY, approval: APPROVAL })).toEqual([
      permitted,
      {
        event: 'policy_decision',
        allowed: false,
        policy_id: 'destructive',
        approval_required: true,
        approval_reason: 'it is destructive; and cannot be undone',
        approval_status: 'pending',
      },
    ]);
  });

  test.each<[Blocked['reason'], readonly object[]]>([
    ['permission_denied', [{ ...permitted, allowed: false, policy_id: 'a rule' }]],
    ['policy_invalid', [{ ...permitted, allowed: false, policy_id: 'a rule' }]],
    [
      'budget_exceeded',
      [permitted, { event: 'budget_check', allowed: false, reason: 'a rule: no', model: null }],
    ],
    ['circuit_open', [permitted, { event: 'policy_decision', allowed: false, policy_id: 'a rule' }]],
    ['approval_denied', [{ event: 'policy_decision', allowed: false, policy_id: 'a rule' }]],
    ['approval_expired', [{ event: 'policy_decision', allowed: false, policy_id: 'a rule' }]],
  ])('tells of a run blocked for %s', (reason, expected) => {
    expect(preparedEvents(REQUEST, blocked(reason))).toEqual(expected);
  });

  test('has nothing to tell of a mistake in the request', () => {
    const failure = { code: 'input_invalid', message: 'no' } as const;
    expect(preparedEvents(REQUEST, { status: 'error', failure })).toEqual([]);
  });

  test('knows callers without a role', () => {
    const request = aRequest({ principal: { subject: 'ann', roles: [], via: 'local' } });
    expect(preparedEvents(request, READY)).toContainEqual({ ...permitted, role: null });
  });
});

describe('claimedEvents', () => {
  test('reports an approved run, with the cost of the steps that a fork runs', () => {
    const request = aRequest({ origin: { runId: 'r', from: 2, outputs: [] } });
    expect(claimedEvents(request, { ...READY, approval: APPROVAL }, CLAIM)).toEqual([
      {
        event: 'policy_decision',
        allowed: true,
        policy_id: 'destructive',
        approval_required: true,
        approval_status: 'approved',
      },
      { event: 'budget_check', allowed: true, reason: null, model: 'cheap', estimated_cost: 2 },
    ]);
    expect(claimedEvents(request, READY, CLAIM)[0]).toMatchObject({ policy_id: null });
  });

  test('tells of one that was refused after all', () => {
    expect(claimedEvents(REQUEST, READY, blocked('budget_exceeded'))).toHaveLength(2);
    const failure = { code: 'unknown_skill', message: 'gone' } as const;
    expect(claimedEvents(REQUEST, READY, { status: 'error', failure })).toEqual([]);
  });
});

describe('settledEvents', () => {
  const end = { event: 'execution_result', duration_ms: 7, skill_id: 'a/b' };

  test.each<[Settlement, readonly object[]]>([
    [{ status: 'success', output: { value: 'secret output' } }, [{ ...end, status: 'success' }]],
    [{ status: 'cancelled' }, [{ ...end, status: 'cancelled' }]],
    [
      { status: 'error', failure: { code: 'skill_failed', message: 'no luck' } },
      [{ ...end, status: 'error', error_class: 'skill_failed' }],
    ],
    [blocked('permission_denied'), [{ ...end, status: 'blocked', error_class: 'permission_denied' }]],
    [
      blocked('approval_denied'),
      [
        {
          event: 'policy_decision',
          allowed: false,
          policy_id: 'a rule',
          approval_required: true,
          approval_status: 'approval_denied',
        },
        { ...end, status: 'blocked', error_class: 'approval_denied' },
      ],
    ],
    [
      blocked('approval_expired'),
      [
        expect.objectContaining({ approval_status: 'approval_expired' }),
        { ...end, status: 'blocked', error_class: 'approval_expired' },
      ],
    ],
  ])('reports the end without the output: %j', (settlement, expected) => {
    expect(settledEvents(settlement, { id: 'r', skill: 'a/b', durationMs: 7, isJob: false })).toEqual(
      expected,
    );
  });

  test('names a pipeline that was cancelled', () => {
    const run = { id: 'r', skill: 'pipeline', durationMs: 7, isJob: false };
    const names = settledEvents({ status: 'cancelled' }, run).map(({ event }) => event);
    expect(names).toEqual(['pipeline_cancelled', 'execution_result']);
  });

  test('reports the end of a job and of a firing too', () => {
    const run = { id: 'r', skill: 'a/b', durationMs: 7, isJob: true, schedule: 's' };
    const names = settledEvents({ status: 'success', output: { value: 1 } }, run).map(({ event }) => event);
    expect(names).toEqual(['execution_result', 'schedule_completed', 'job_succeeded']);
  });
});

import type { ApprovalRequirement, RecordedDecision } from '../../../core/approvals/approval.ts';
import { durationMs } from '../../../core/runs/run-approval.ts';
import type { RequestedStep, Plan } from '../../../core/plans/plan.ts';
import {
  isForeign,
  resetRecord,
  beginRecord,
  decideRecord,
  endRecord,
  markRecord,
  openRecord,
  parkBeforeStep,
  parkRecord,
  settlementOf,
} from '../../../core/runs/run-record.ts';
import type { Account, RunRecord, RunStatus, Settlement } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aReady, aRecord, aRequest, aStep } from '../../support/builders.ts';

const step = (id: string): Plan<RequestedStep> => ({ kind: 'step', step: { skill: parseSkillId(id) } });

describe('openRecord', () => {
  test('of a fired run names the schedule and is as old as its time', () => {
    const request = { ...aRequest(), schedule: 'nightly' };
    expect(openRecord('nightly-2027-01-18T05:00:00Z', request)).toMatchObject({
      schedule: 'nightly',
      createdAt: '2027-01-18T05:00:00.000Z',
    });
  });

  test('keeps the query that was routed', () => {
    expect(openRecord('travel.search_flights-1', aRequest({ query: 'to Sochi' })).query).toBe('to Sochi');
  });

  test('keeps what the run sees of its session', () => {
    const session = { id: 'trip', seen: { value: { id: 'trip', messages: [] } } };
    expect(openRecord('travel.search_flights-1', aRequest({ session }))).toMatchObject({ session });
  });

  test('of several skills is called by them before it is prepared', () => {
    const request = { ...aRequest(), plan: { kind: 'sequence', plans: [step('a/b'), step('a/c')] } } as const;
    expect(openRecord('pipeline-1', request)).toMatchObject({
      skill: 'pipeline',
      title: 'a/b → a/c',
      steps: [],
    });
  });

  test('of several skills is called by their plan once it is prepared', () => {
    const request = { ...aRequest(), plan: { kind: 'sequence', plans: [step('a/b'), step('a/c')] } } as const;
    const group = { kind: 'parallel', plans: plan.plans } as const;
    expect(
      beginRecord(openRecord('p-1', request), stamp('one'), { ...aReady({ plan: group }), claim }),
    ).toMatchObject({
      title: 'travel/search_flights | travel/search_flights',
    });
  });

  test('is queued, with principal and time and without steps', () => {
    expect(openRecord('travel.search_flights-1', aRequest())).toEqual({
      id: 'travel.search_flights-1',
      status: 'queued',
      skill: 'travel/search_flights',
      tenant: 'default',
      principal: { subject: 'ann', roles: ['operator'], via: 'local' },
      steps: [],
      createdAt: '2026-01-02T03:04:05.000Z',
    });
  });
});

test('a record keeps no permissions of the principal', () => {
  const principal = {
    subject: 'ann',
    roles: ['boss'],
    via: 'jwt',
    permissions: ['*'],
    attributes: { team: 'ops' },
  } as const;
  expect(openRecord('a.b-1', aRequest({ principal })).principal).toEqual({
    subject: 'ann',
    roles: ['boss'],
    via: 'jwt',
  });
});

const at = (second: number): string => `2026-01-02T03:05:0${second}.000Z`;
const stamp = (executionId: string, second = 1) => ({ executionId, now: at(second) });
const asked = (): RunRecord => openRecord('travel.search_flights-1', aRequest());
const claim = { key: 'k', tier: 'standard', stepCost: 10_000 } as const;
const plan = {
  kind: 'sequence',
  plans: [
    { kind: 'step', step: aStep({ sideEffects: 'read' }) },
    { kind: 'step', step: aStep({ number: 2, cost: 5000 }) },
  ],
} as const;
const begun = (executionId = 'one'): RunRecord =>
  beginRecord(asked(), stamp(executionId), { ...aReady({ plan }), claim });
const success: Settlement = { status: 'success', output: { value: 'out' } };
const ended = (settlement: Settlement = success, record = begun()): RunRecord =>
  endRecord(record, stamp('one', 3), { settlement, account: { succeeded: [1, 2], claim } });

const requirement: ApprovalRequirement = {
  policy: 'destructive',
  reasons: [],
  approvers: [],
  nOf: 1,
  allowSelf: true,
  timeoutMs: 1000,
  proof: false,
  signals: true,
};
const decision: RecordedDecision = {
  decision: 'approved',
  subject: 'bob',
  via: 'cli',
  at: at(2),
  counted: true,
};

describe('the skills of the plan', () => {
  const skills = { ref: 'a'.repeat(64), bytes: 9 };

  test('are kept when the run begins, and when it is parked', () => {
    const began = beginRecord(asked(), stamp('one'), { ...aReady(), claim, skills });
    const parked = parkRecord(asked(), stamp('one'), {
      prepared: aReady(),
      requirement,
      stepCost: 1,
      skills,
    });
    expect([began.skills, parked.skills]).toEqual([skills, skills]);
  });

  test('stay with a parked run that begins after its approval', () => {
    const parked = parkRecord(asked(), stamp('one'), {
      prepared: aReady(),
      requirement,
      stepCost: 1,
      skills,
    });
    expect(beginRecord(parked, stamp('one'), { ...aReady(), claim }).skills).toEqual(skills);
  });
});

describe('beginRecord', () => {
  test('has steps, claim and start time', () => {
    expect(begun()).toMatchObject({
      executionId: 'one',
      status: 'running',
      digest: 'd1',
      steps: [
        { number: 1, hash: 'h1', sideEffects: 'read', cost: 10_000 },
        { number: 2, cost: 5000 },
      ],
      claim,
      cost: 15_000,
      startedAt: at(1),
    });
  });

  test('has the variant of a step', () => {
    const ofVariant = { kind: 'step', step: aStep({ variant: 'v2' }) } as const;
    const { steps } = beginRecord(asked(), stamp('one'), { ...aReady({ plan: ofVariant }), claim });
    expect(steps).toMatchObject([{ variant: 'v2' }]);
  });

  test('repeated keeps when the run began', () => {
    const first = begun();
    expect(beginRecord(first, stamp('one', 2), { ...aReady({ plan }), claim })).toEqual(first);
  });

  test('keeps the frozen step until the run ends', () => {
    const frozen = aStep();
    const single = beginRecord(asked(), stamp('one'), { ...aReady({ plan }), claim, frozen });
    expect(single.frozen).toEqual(frozen);
    expect(ended(success, single)).not.toHaveProperty('frozen');
  });

  test('of a worker that stalled does not revive a run that ended', () => {
    const end = ended();
    expect(beginRecord(end, stamp('one', 4), { ...aReady({ plan }), claim })).toBe(end);
  });

  test('reopens a run after a reset', () => {
    const again = beginRecord(ended(), stamp('two', 4), { ...aReady({ plan }), claim });
    expect(again).toMatchObject({ executionId: 'two', status: 'running' });
    expect(again).not.toHaveProperty('endedAt');
    expect(again).not.toHaveProperty('output');
  });

  test('of a fork pays for no step that an earlier run has taken', () => {
    const fork = openRecord('r', aRequest({ origin: { runId: 'first', from: 2, outputs: [] } }));
    expect(beginRecord(fork, stamp('one'), { ...aReady({ plan }), claim })).toMatchObject({
      origin: { runId: 'first', from: 2 },
      cost: 5000,
    });
  });

  test('keeps the warnings of the plan', () => {
    const skill = parseSkillId('a/b');
    const warnings = [{ code: 'deprecated_skill', skill, message: 'old' }] as const;
    expect(beginRecord(asked(), stamp('one'), { ...aReady({ warnings }), claim }).warnings).toEqual(warnings);
  });
});

describe('parkRecord', () => {
  const parked = (record = asked(), second = 1) =>
    parkRecord(record, stamp('one', second), { prepared: aReady(), requirement, stepCost: 10_000 });

  test('shows plan and cost, without a claim', () => {
    expect(parked()).toMatchObject({
      status: 'awaiting_approval',
      cost: 10_000,
      approval: { requirement, digest: 'd1', input: { value: 'Sochi' }, decisions: [], since: at(1) },
    });
    expect(parked()).not.toHaveProperty('claim');
  });

  test('takes no decision over from another execution', () => {
    const decided = decideRecord(parked(), stamp('one', 2), { decision, position: 0 });
    const again = parkRecord(decided, stamp('two', 3), { prepared: aReady(), requirement, stepCost: 1 });
    expect(again.approval).toMatchObject({ executionId: 'two', decisions: [], since: at(3) });
  });

  test('keeps decisions and start of the wait if repeated', () => {
    const decided = decideRecord(parked(), stamp('one', 2), { decision, position: 0 });
    expect(parked(decided, 3).approval).toEqual(decided.approval);
  });
});

describe('parkBeforeStep', () => {
  test('restarts under another digest', () => {
    const decided = decideRecord(
      parkRecord(begun(), stamp('one'), { prepared: aReady(), requirement, stepCost: 1 }),
      stamp('one', 2),
      { decision, position: 0 },
    );
    const parking = { requirement, digest: 'd2', input: { value: 'else' }, step: 2 };
    expect(parkBeforeStep(decided, stamp('one', 3), parking)).toMatchObject({
      status: 'awaiting_approval',
      digest: 'd2',
      approval: { step: 2, decisions: [], since: at(3) },
    });
  });
});

describe('the duration of a run', () => {
  const parking = { requirement, digest: 'd2', input: { value: 'else' }, step: 2 };
  const waiting = parkBeforeStep(begun(), stamp('one', 2), parking);
  const pause = { step: 2, skill: parseSkillId('a/b'), input: { value: 1 } };
  const paused = markRecord(begun(), stamp('one', 2), pause);
  const edited = markRecord(paused, stamp('one', 4), { ...pause, input: { value: 2 } });
  const end = { settlement: success, account: { succeeded: [1, 2], claim } };

  test.each<[string, RunRecord, number | undefined]>([
    ['is absent before the claim', asked(), undefined],
    ['goes on while it runs', begun(), 8000],
    ['stands still while people decide', waiting, 1000],
    ['goes on after the approval', markRecord(waiting, stamp('one', 6), 'running'), 4000],
    [
      'has no wait that ended before the end',
      endRecord(markRecord(waiting, stamp('one', 6), 'running'), stamp('one', 8), end),
      3000,
    ],
    ['stands still while it is paused', paused, 1000],
    ['stands still while it is paused for other input', edited, 1000],
    ['goes on after the pause', markRecord(edited, stamp('one', 6), 'running'), 4000],
    ['has no pause that ended with the run', endRecord(edited, stamp('one', 7), end), 1000],
    [
      'has no pause that an approval followed',
      markRecord(parkBeforeStep(edited, stamp('one', 5), parking), stamp('one', 6), 'running'),
      4000,
    ],
    ['has a pause that an earlier build recorded', { ...paused, pause }, 8000],
    ['has no wait that ended with the run', endRecord(waiting, stamp('one', 7), end), 1000],
    [
      'has none of several waits',
      endRecord(
        parkBeforeStep(markRecord(waiting, stamp('one', 4), 'running'), stamp('one', 5), {
          ...parking,
          digest: 'd3',
        }),
        stamp('one', 8),
        end,
      ),
      2000,
    ],
  ])('%s', (_what, record, expected) => {
    expect(durationMs(record, Date.parse(at(9)))).toBe(expected);
  });

  test('counts no wait before the claim', () => {
    const parked = parkRecord(asked(), stamp('one'), { prepared: aReady(), requirement, stepCost: 1 });
    const started = beginRecord(parked, stamp('one', 5), { ...aReady({ plan }), claim });
    expect(durationMs(endRecord(started, stamp('one', 6), end), 0)).toBe(1000);
  });
});

describe('decideRecord', () => {
  test('puts a decision that is written again in its own place', () => {
    const parked = parkRecord(asked(), stamp('one'), { prepared: aReady(), requirement, stepCost: 1 });
    const once = decideRecord(parked, stamp('one', 2), { decision, position: 0 });
    expect(decideRecord(once, stamp('one', 2), { decision, position: 0 })).toEqual(once);
  });

  test('changes nothing without an approval', () => {
    expect(decideRecord(begun(), stamp('one', 2), { decision, position: 0 })).toEqual(begun());
  });
});

describe('resetRecord', () => {
  test('continues under the new execution, and keeps the earlier ones', () => {
    const ended = endRecord(begun(), stamp('one', 2), {
      settlement: { status: 'cancelled' },
      account: { succeeded: [1] },
    });
    const reset = resetRecord(ended, { executionId: 'two', status: 'running' });
    expect(reset).toMatchObject({ status: 'running', executionId: 'two', resetExecutions: ['one'] });
    expect(reset).not.toHaveProperty('endedAt');
    const twice = resetRecord(reset, { executionId: 'three', status: 'paused' });
    expect(twice).toMatchObject({ status: 'paused', resetExecutions: ['one', 'two'] });
  });

  test('has no execution before the run begins', () => {
    expect(resetRecord(asked(), { executionId: 'two', status: 'running' })).toMatchObject({
      executionId: 'two',
      resetExecutions: [],
    });
  });
});

test.each([
  ['no record', undefined, false],
  ['a record of no execution', asked(), false],
  ['its own record', begun(), false],
  ['the record of another execution', { ...begun(), executionId: 'two' }, true],
])('isForeign of %s', (_what, record, expected) => {
  expect(isForeign(record, 'one')).toBe(expected);
});

test('markRecord sets the pause and removes it when the run continues', () => {
  const pause = { step: 2, skill: parseSkillId('a/b'), input: { value: 1 } };
  const paused = markRecord(begun(), stamp('one', 2), pause);
  expect(paused).toMatchObject({ status: 'paused', pause });
  expect(markRecord(paused, stamp('one', 3), 'running')).toEqual({ ...begun(), waitedMs: 1000 });
});

describe('endRecord', () => {
  test('charges succeeded steps', () => {
    const account = { succeeded: [2], claim };
    const record = endRecord(begun(), stamp('one', 3), { settlement: { status: 'cancelled' }, account });
    expect(record).toMatchObject({ status: 'cancelled', cost: 5000, succeeded: [2], endedAt: at(3) });
  });

  test.each<[number | undefined, Settlement, Account]>([
    [undefined, { status: 'cancelled' }, { succeeded: [] }],
    [4, success, { succeeded: [1, 2], retries: 2 }],
    [2, { status: 'error', failure: { code: 'skill_failed', message: 'no', step: 2 } }, { succeeded: [1] }],
    [
      4,
      { status: 'error', failure: { code: 'skill_failed', message: 'no', step: 2, attempts: 3 } },
      { succeeded: [1] },
    ],
    [1, { status: 'error', failure: { code: 'internal', message: 'no' } }, { succeeded: [1] }],
  ])('counts %j attempts', (attempts, settlement, account) => {
    expect(endRecord(begun(), stamp('one', 3), { settlement, account }).attempts).toBe(attempts);
  });

  test('charges nothing that was never claimed', () => {
    const parked = parkRecord(asked(), stamp('one'), { prepared: aReady(), requirement, stepCost: 1 });
    const settlement: Settlement = { status: 'cancelled' };
    expect(endRecord(parked, stamp('one', 3), { settlement, account: { succeeded: [] } })).toMatchObject({
      cost: 0,
    });
  });

  test('has no cost if the run was refused before pricing', () => {
    const account = { succeeded: [] };
    expect(
      endRecord(asked(), stamp('one'), { settlement: { status: 'cancelled' }, account }),
    ).not.toHaveProperty('cost');
  });

  test('lists rollbacks', () => {
    const undoings = [{ step: 1, skill: parseSkillId('a/undo') }];
    const account = { succeeded: [1], undoings };
    expect(endRecord(begun(), stamp('one', 3), { settlement: success, account })).toMatchObject({ undoings });
  });

  test('leaves the first end as it is', () => {
    const first = ended();
    expect(ended({ status: 'cancelled' }, first)).toBe(first);
  });
});

describe('settlementOf', () => {
  test.each<[string, Settlement]>([
    ['a success', success],
    ['a failure', { status: 'error', failure: { code: 'skill_failed', message: 'no', step: 1 } }],
    ['a block', { status: 'blocked', reason: 'budget_exceeded', policy: 'daily', message: 'too much' }],
    ['a cancellation', { status: 'cancelled' }],
  ])('returns the recorded settlement of %s', (_what, settlement) => {
    expect(settlementOf(ended(settlement))).toEqual(settlement);
  });

  test.each<RunStatus>(['queued', 'running', 'awaiting_approval', 'paused'])(
    'takes a run that is %s for cancelled',
    (status) => {
      expect(settlementOf(aRecord({ status }))).toEqual({ status: 'cancelled' });
    },
  );

  test('accepts records of earlier versions', () => {
    expect(settlementOf(aRecord({ status: 'blocked', reason: 'permission_denied' }))).toEqual({
      status: 'blocked',
      reason: 'permission_denied',
      policy: '',
      message: '',
    });
  });
});

describe('a job', () => {
  const job = { priority: 2, expiresAt: '2026-01-02T04:00:00.000Z' };
  const request = aRequest({ job });
  const stamp = { executionId: 'e1', now: '2026-01-02T03:05:00.000Z' };
  const account = { succeeded: [] };

  test('keeps its terms and its request, and is in the queue of jobs', () => {
    expect(openRecord('a-1', request)).toMatchObject({ queue: 'jobs', job: { ...job, request } });
  });

  test.each([
    [{ status: 'success', output: { value: 1 } } as const, job],
    [{ status: 'error', failure: { code: 'skill_failed', message: 'No' } } as const, { ...job, request }],
  ])('ends, and keeps its request unless it succeeded: %j', (settlement, expected) => {
    const retry = { at: stamp.now, failures: 1, failure: { code: 'skill_failed', message: 'No' } as const };
    const opened = openRecord('a-1', request);
    const current = { ...opened, job: { ...job, request, retry } };
    expect(endRecord(current, stamp, { settlement, account }).job).toEqual(expected);
    const { request: _request, ...without } = current.job;
    expect(endRecord({ ...current, job: without }, stamp, { settlement, account }).job).toEqual(job);
  });

  test('that expired ends with this reason, and is settled with it', () => {
    const settlement = { status: 'cancelled', reason: 'expired' } as const;
    const ended = endRecord(openRecord('a-1', request), stamp, { settlement, account });
    expect(ended).toMatchObject({ status: 'cancelled', reason: 'expired' });
    expect(settlementOf(ended)).toEqual(settlement);
  });

  test('that ended before any execution is not begun by a late one', () => {
    const ended: RunRecord = { ...openRecord('a-1', request), status: 'cancelled', endedAt: stamp.now };
    const settlement = { status: 'success', output: { value: 1 } } as const;
    expect(endRecord(ended, stamp, { settlement, account })).toBe(ended);
  });
});

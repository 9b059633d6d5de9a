import type { ApprovalRequirement, RecordedDecision } from '../../core/approval.ts';
import type { AskedStep, Plan } from '../../core/plan.ts';
import {
  beginRecord,
  decideRecord,
  endRecord,
  markRecord,
  openRecord,
  parkBeforeStep,
  parkRecord,
  settlementOf,
  subjectOf,
} from '../../core/run-record.ts';
import type { RunRecord, RunStatus, Settlement } from '../../core/run.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { aReady, aRecord, aRequest, aStep } from '../support/builders.ts';

const step = (id: string): Plan<AskedStep> => ({ kind: 'step', step: { skill: parseSkillId(id) } });

describe('openRecord', () => {
  test('is queued, with who asked and when, and without steps', () => {
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

test('a record keeps of the principal no more than who it was', () => {
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

describe('subjectOf', () => {
  test.each<[string, Plan<AskedStep>, string]>([
    ['one step', step('a/b'), 'a/b'],
    ['a sequence of one', { kind: 'sequence', plans: [step('a/b')] }, 'a/b'],
    ['two steps', { kind: 'sequence', plans: [step('a/b'), step('a/b')] }, 'pipeline'],
    ['a group', { kind: 'parallel', plans: [step('a/b'), step('c/d')] }, 'pipeline'],
    ['no step', { kind: 'sequence', plans: [] }, 'pipeline'],
  ])('of %s', (_what, plan, expected) => {
    expect(subjectOf({ plan })).toBe(expected);
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

describe('beginRecord', () => {
  test('tells what runs, what it holds and since when', () => {
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

  test('repeated keeps when the run began', () => {
    const first = begun();
    expect(beginRecord(first, stamp('one', 2), { ...aReady({ plan }), claim })).toEqual(first);
  });

  test('keeps what was frozen for further attempts until the run has ended', () => {
    const frozen = aStep();
    const single = beginRecord(asked(), stamp('one'), { ...aReady({ plan }), claim, frozen });
    expect(single.frozen).toEqual(frozen);
    expect(ended(success, single)).not.toHaveProperty('frozen');
  });

  test('of a worker that stalled does not revive a run that ended', () => {
    const end = ended();
    expect(beginRecord(end, stamp('one', 4), { ...aReady({ plan }), claim })).toBe(end);
  });

  test('of a reset opens what had ended', () => {
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

  test('shows what would run and what it would cost, and holds nothing', () => {
    expect(parked()).toMatchObject({
      status: 'awaiting_approval',
      cost: 10_000,
      approval: { requirement, digest: 'd1', input: { value: 'Sochi' }, decisions: [], since: at(1) },
    });
    expect(parked()).not.toHaveProperty('claim');
  });

  test('repeated keeps what was decided meanwhile, and since when it waits', () => {
    const decided = decideRecord(parked(), stamp('one', 2), { decision, position: 0 });
    expect(parked(decided, 3).approval).toEqual(decided.approval);
  });
});

describe('parkBeforeStep', () => {
  test('begins anew under another digest', () => {
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

describe('decideRecord', () => {
  test('puts a decision that is written again in its own place', () => {
    const parked = parkRecord(asked(), stamp('one'), { prepared: aReady(), requirement, stepCost: 1 });
    const once = decideRecord(parked, stamp('one', 2), { decision, position: 0 });
    expect(decideRecord(once, stamp('one', 2), { decision, position: 0 })).toEqual(once);
  });

  test('changes nothing where nobody was asked', () => {
    expect(decideRecord(begun(), stamp('one', 2), { decision, position: 0 })).toEqual(begun());
  });
});

test('markRecord tells where a run is paused, and no more once it goes on', () => {
  const pause = { step: 2, skill: parseSkillId('a/b'), input: { value: 1 } };
  const paused = markRecord(begun(), stamp('one', 2), pause);
  expect(paused).toMatchObject({ status: 'paused', pause });
  expect(markRecord(paused, stamp('one', 3), 'running')).toEqual(begun());
});

describe('endRecord', () => {
  test('charges what succeeded', () => {
    const account = { succeeded: [2], claim };
    const record = endRecord(begun(), stamp('one', 3), { settlement: { status: 'cancelled' }, account });
    expect(record).toMatchObject({ status: 'cancelled', cost: 5000, succeeded: [2], endedAt: at(3) });
  });

  test('charges nothing that was never claimed', () => {
    const parked = parkRecord(asked(), stamp('one'), { prepared: aReady(), requirement, stepCost: 1 });
    const settlement: Settlement = { status: 'cancelled' };
    expect(endRecord(parked, stamp('one', 3), { settlement, account: { succeeded: [] } })).toMatchObject({
      cost: 0,
    });
  });

  test('of a run that was refused before it had a price has none', () => {
    const account = { succeeded: [] };
    expect(
      endRecord(asked(), stamp('one'), { settlement: { status: 'cancelled' }, account }),
    ).not.toHaveProperty('cost');
  });

  test('names what was undone', () => {
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
  ])('says again of %s what was recorded', (_what, settlement) => {
    expect(settlementOf(ended(settlement))).toEqual(settlement);
  });

  test.each<RunStatus>(['queued', 'running', 'awaiting_approval', 'paused'])(
    'takes a run that is %s for cancelled',
    (status) => {
      expect(settlementOf(aRecord({ status }))).toEqual({ status: 'cancelled' });
    },
  );

  test('does without what a record of an earlier version lacks', () => {
    expect(settlementOf(aRecord({ status: 'blocked', reason: 'permission_denied' }))).toEqual({
      status: 'blocked',
      reason: 'permission_denied',
      policy: '',
      message: '',
    });
  });
});

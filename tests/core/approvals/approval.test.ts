import {
  mergeRequirements,
  MAX_COMMENT_LENGTH,
  approverLists,
  commentOf,
  refuseDecider,
  tally,
} from '../../../core/approvals/approval.ts';
import type {
  ApprovalRequirement,
  Decision,
  DecisionWord,
  RecordedDecision,
} from '../../../core/approvals/approval.ts';
import { aDecision, aRequirement } from '../../support/builders.ts';

const by = (subject: string, decision: DecisionWord, counted = true): RecordedDecision => ({
  decision,
  subject,
  via: 'cli',
  at: '2026-11-22T10:00:00.000Z',
  counted,
});

describe('tally', () => {
  test.each<[string, number, readonly RecordedDecision[], DecisionWord | 'pending']>([
    ['nobody', 1, [], 'pending'],
    ['one of one', 1, [by('ann', 'approved')], 'approved'],
    ['one of two', 2, [by('ann', 'approved')], 'pending'],
    ['the same one twice', 2, [by('ann', 'approved'), by('ann', 'approved')], 'pending'],
    ['two of two', 2, [by('ann', 'approved'), by('bob', 'approved')], 'approved'],
    ['a denial', 2, [by('ann', 'approved'), by('bob', 'denied')], 'denied'],
    ['a denial that came too late', 1, [by('ann', 'approved'), by('bob', 'denied')], 'approved'],
    ['an approval that came too late', 1, [by('bob', 'denied'), by('ann', 'approved')], 'denied'],
    ['one who does not count', 1, [by('eve', 'approved', false)], 'pending'],
    ['a denial that does not count', 1, [by('eve', 'denied', false), by('ann', 'approved')], 'approved'],
  ])('by %s, of %i needed', (_who, nOf, decisions, expected) => {
    expect(tally({ nOf }, decisions)).toBe(expected);
  });
});

describe('approverLists', () => {
  test.each([
    [[], undefined, []],
    [['role:cfo'], undefined, [['role:cfo']]],
    [['role:cfo'], [['ann']], [['role:cfo'], ['ann']]],
    [[], [['ann']], [['ann']]],
  ])('of %j and %j are %j', (approvers, furtherApprovers, expected) => {
    expect(approverLists({ approvers, ...(furtherApprovers && { furtherApprovers }) })).toEqual(expected);
  });
});

describe('refuseDecider', () => {
  const refusal = (decision: unknown, requirement = {}) =>
    refuseDecider(aRequirement(requirement), { subject: 'ann' }, decision as Decision)?.code;
  const good = aDecision({ comment: 'looks right\n\tto me', proof: 'p', signature: 's' });

  test('accepts decisions that only the worker can check', () => {
    expect(refusal(good)).toBeUndefined();
    expect(refusal(good, { proof: true, approvers: ['bob'], allowSelf: false })).toBeUndefined();
  });

  test('refuses by name, by list, and without a proof', () => {
    const own = aDecision({ principal: { subject: 'ann', roles: [], via: 'local' } });
    expect(refusal(own, { allowSelf: false })).toBe('permission_denied');
    expect(refusal(good, { approvers: ['role:cfo'] })).toBe('permission_denied');
    expect(refusal(aDecision(), { proof: true })).toBe('approval_proof_invalid');
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'approved'],
    ['another word', { ...good, decision: 'maybe' }],
    ['no principal', { ...good, principal: undefined }],
    ['roles that are a text', { ...good, principal: { ...good.principal, roles: 'cfo' } }],
    ['a role that is no text', { ...good, principal: { ...good.principal, roles: [7] } }],
    ['a subject that is no text', { ...good, principal: { ...good.principal, subject: 7 } }],
    ['a principal known by nothing', { ...good, principal: { ...good.principal, via: 'word' } }],
    ['a digest that is no text', { ...good, digest: 7 }],
    ['no tenant', { ...good, tenant: undefined }],
    ['the way of a signal', { ...good, via: 'signal' }],
    ['a comment that is no text', { ...good, comment: {} }],
    ['a comment that a terminal obeys', { ...good, comment: '\u001b[2J' }],
    ['a comment that is too long', { ...good, comment: 'x'.repeat(MAX_COMMENT_LENGTH + 1) }],
    ['a proof that is no text', { ...good, proof: {} }],
    ['a signature that is no text', { ...good, signature: 1 }],
  ])('refuses %s', (_what, sent) => {
    expect(refusal(sent)).toBe('usage');
  });

  test.each(['api', 'ui'] as const)('takes decisions by way of %s', (via) => {
    expect(
      refusal(aDecision({ via, principal: { subject: 'bob', roles: ['a'], via: 'jwt' } })),
    ).toBeUndefined();
  });
});

describe('mergeRequirements', () => {
  test('requires what both require', () => {
    const first = aRequirement({ policy: 'p1', reasons: ['one'], approvers: ['cfo'], nOf: 2, timeoutMs: 5 });
    const second = aRequirement({
      policy: 'p1, high_risk',
      reasons: ['one', 'two'],
      approvers: ['cfo'],
      furtherApprovers: [['dpo']],
      allowSelf: false,
      proof: true,
      signals: false,
    });
    expect(mergeRequirements(first, second)).toEqual({
      policy: 'p1, high_risk',
      reasons: ['one', 'two'],
      approvers: ['cfo'],
      furtherApprovers: [['dpo']],
      nOf: 2,
      allowSelf: false,
      timeoutMs: 5,
      proof: true,
      signals: false,
    });
    expect(mergeRequirements(first, undefined)).toEqual(first);
    expect(mergeRequirements(aRequirement(), aRequirement())).toEqual(aRequirement());
  });

  test('shows what was looked at in the edited input alone', () => {
    const looked = (value: number, more: Partial<ApprovalRequirement> = {}) =>
      aRequirement({ seen: [{ skill: 'a/b', field: '/amount', value }], ...more });
    const before = looked(5000, { seenLeftOut: 3 });
    expect(mergeRequirements(before, looked(9000))).toEqual(looked(9000));
    expect(mergeRequirements(before, looked(9000, { seenLeftOut: 1 }))).toEqual(
      looked(9000, { seenLeftOut: 1 }),
    );
    expect(mergeRequirements(before, aRequirement())).toEqual(aRequirement());
    expect(mergeRequirements(before, undefined)).toEqual(aRequirement());
  });
});

test('whoever edited the input does not approve it, unless self-approval is allowed', () => {
  const decision = aDecision();
  const [requester, editedBy] = [{ subject: 'ann' }, decision.principal.subject];
  expect(refuseDecider(aRequirement({ editedBy, allowSelf: false }), requester, decision)).toMatchObject({
    code: 'permission_denied',
  });
  expect(refuseDecider(aRequirement({ editedBy }), requester, decision)).toBeUndefined();
});

describe('commentOf', () => {
  test.each<[unknown, string | undefined]>([
    ['fine', 'fine'],
    [' two\nlines\t', 'two\nlines'],
    ['\u001b[31mred\u0007', '[31mred'],
    ['x'.repeat(MAX_COMMENT_LENGTH + 1), 'x'.repeat(MAX_COMMENT_LENGTH)],
    ['', undefined],
    [' \n', undefined],
    [undefined, undefined],
    [{ comment: 'x' }, undefined],
  ])('of %j keeps %j', (given, kept) => {
    expect(commentOf(given)).toBe(kept);
  });
});

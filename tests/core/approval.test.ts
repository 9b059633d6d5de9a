import { approverLists, tally } from '../../core/approval.ts';
import type { DecisionWord, RecordedDecision } from '../../core/approval.ts';

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

import type { AskedStep, Plan } from '../../core/plan.ts';
import { openRecord, subjectOf } from '../../core/run-record.ts';
import { parseSkillId } from '../../core/skill-id.ts';
import { aRequest } from '../support/builders.ts';

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

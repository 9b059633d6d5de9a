import { isPermit, permitPlan, permitStep, sealPlan } from '../../../core/runs/permit.ts';
import type { StepCallFacts } from '../../../core/runs/permit.ts';
import type { Ready } from '../../../core/runs/run.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aReady, aRequirement, aStep } from '../../support/builders.ts';

const KEY = 'k'.repeat(32);
const PLACE = { runId: 'pipeline-01ARZ3NDEKTSV4RRFFQ69G5FAV', executionId: 'e1' };
const principal = { subject: 'ann', roles: ['operator'] };
const call: StepCallFacts = { step: aStep(), principal, input: { value: 'Sochi' } };
const permit = permitStep(KEY, PLACE, call);

describe('permitStep', () => {
  test('is the same for the same call, also after a journey as JSON', () => {
    expect(permit).toMatch(/^[0-9a-f]{64}$/);
    expect(permitStep(KEY, PLACE, JSON.parse(JSON.stringify(call)) as StepCallFacts)).toBe(permit);
  });

  test.each<[string, string]>([
    ['another key', permitStep('x'.repeat(32), PLACE, call)],
    ['another run', permitStep(KEY, { ...PLACE, runId: 'other' }, call)],
    ['another execution', permitStep(KEY, { ...PLACE, executionId: 'e2' }, call)],
    ['another number', permitStep(KEY, PLACE, { ...call, step: aStep({ number: 2 }) })],
    ['another hash', permitStep(KEY, PLACE, { ...call, step: aStep({ hash: 'h2' }) })],
    [
      'another skill',
      permitStep(KEY, PLACE, { ...call, step: aStep({ skill: parseSkillId('admin/delete_records') }) }),
    ],
    ['another timeout', permitStep(KEY, PLACE, { ...call, step: aStep({ timeoutMs: 1 }) })],
    ['another role', permitStep(KEY, PLACE, { ...call, principal: { subject: 'ann', roles: ['admin'] } })],
    ['another input', permitStep(KEY, PLACE, { ...call, input: { value: 'Kazan' } })],
    ['any input', permitStep(KEY, PLACE, { ...call, input: undefined })],
    ['a rollback', permitStep(KEY, PLACE, { ...call, undoes: true })],
  ])('differs for %s', (_what, other) => {
    expect(other).not.toBe(permit);
  });
});

describe('permitPlan', () => {
  const undo = { ...aStep(), skill: parseSkillId('travel/cancel') };
  const [first, own, large, last] = [
    aStep({ number: 1, rollback: undo }),
    aStep({ number: 2, payload: { value: 'own' } }),
    aStep({ number: 3, payload: { ref: 'f'.repeat(64), bytes: 20_000 } }),
    aStep({ number: 4 }),
  ];
  const steps = [first, own, large, last].map((step) => ({ kind: 'step', step }) as const);
  const plan: Ready['plan'] = { kind: 'sequence', plans: steps };

  test('covers the inputs that the request contains, and any input of the other steps', () => {
    const permitOf = (step: StepCallFacts['step'], more: Partial<StepCallFacts>) =>
      permitStep(KEY, PLACE, { step, principal, ...more });
    expect(permitPlan(KEY, PLACE, { plan, payload: { value: 'Sochi' }, principal })).toEqual([
      {
        step: permitOf(first, { input: { value: 'Sochi' } }),
        rollback: permitOf({ ...undo, number: 1 }, { undoes: true }),
      },
      { step: permitOf(own, { input: { value: 'own' } }) },
      { step: permitOf(large, {}) },
      { step: permitOf(last, {}) },
    ]);
  });
});

describe('sealPlan', () => {
  const ready = aReady({ approval: aRequirement() });
  const seal = sealPlan(KEY, PLACE, ready);

  test('covers the plan as it was parked, and not what is added to it later', () => {
    const claim = { key: 'k', tier: 'standard', stepCost: 1 } as unknown as NonNullable<Ready['claim']>;
    expect(sealPlan(KEY, PLACE, { ...ready, seal, claim, permits: [{ step: 'p' }] })).toBe(seal);
    expect(sealPlan(KEY, PLACE, { ...ready, digest: 'd2' })).not.toBe(seal);
    expect(sealPlan(KEY, { ...PLACE, executionId: 'e2' }, ready)).not.toBe(seal);
  });
});

test('a permit is compared whole', () => {
  expect(isPermit(permit, permit)).toBe(true);
  expect(isPermit(permit.slice(1), permit)).toBe(false);
  expect(isPermit(undefined, permit)).toBe(false);
});

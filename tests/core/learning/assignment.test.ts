import { variantFor } from '../../../core/learning/assignment.ts';
import type { Decision, Experiment } from '../../../core/learning/experiment.ts';
import { aSkill } from '../../support/builders.ts';

const SKILL = aSkill('travel/search_flights', { variants: { v1: {}, v2: { weight: 3 } } });
const caller = (subject: string, tenant = 'default') =>
  ({ tenant, principal: { subject, via: 'local' } }) as const;
const experiment = (active: string, decisions: number): Experiment => ({
  variants: ['v1', 'v2'],
  baseline: 'v1',
  active,
  decisions: Array.from({ length: decisions }, () => ({}) as Decision),
});

test('a skill without variants has none', () => {
  expect(variantFor(aSkill('a/b'), caller('ann'), experiment('v2', 1))).toBeUndefined();
});

describe('before a decision', () => {
  test('a caller has the same variant each time, and each tenant its own', () => {
    const assigned = (name: string, tenant?: string) => variantFor(SKILL, caller(name, tenant), undefined);
    const names = Array.from({ length: 100 }, (_, number) => `user-${number}`);
    const ofOne = names.map((name) => assigned(name));
    expect(names.map((name) => assigned(name))).toEqual(ofOne);
    expect(names.map((name) => assigned(name, 'acme'))).not.toEqual(ofOne);
  });

  test('variants have as many callers as their weights say', () => {
    const names = Array.from({ length: 4000 }, (_, number) => `user-${number}`);
    const first = names.filter(
      (name) => variantFor(SKILL, caller(name), experiment('v1', 0)) === 'v1',
    ).length;
    expect(first / names.length).toBeCloseTo(0.25, 1);
  });
});

describe('after a decision', () => {
  test('the active variant takes all runs', () => {
    const names = Array.from({ length: 50 }, (_, number) => `user-${number}`);
    const assigned = names.map((name) => variantFor(SKILL, caller(name), experiment('v1', 2)));
    expect(new Set(assigned)).toEqual(new Set(['v1']));
  });

  test('unless the manifest no longer has it', () => {
    expect(variantFor(SKILL, caller('ann'), experiment('v9', 1))).toMatch(/^v[12]$/);
  });
});

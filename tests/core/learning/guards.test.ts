import { brokenGuard, parseGuards } from '../../../core/learning/guards.ts';
import type { VariantResults } from '../../../core/learning/experiment.ts';

const results = (more: Partial<VariantResults> = {}): VariantResults => ({
  successes: 100,
  failures: 0,
  durations: [],
  ...more,
});

describe('parseGuards', () => {
  test.each([
    [[], { errorRate: 0.05 }],
    [['error_rate=+0.2'], { errorRate: 0.2 }],
    [['p95=+20%', 'cost=+12.5%'], { errorRate: 0.05, p95: 0.2, cost: 0.125 }],
    [['p95=+20%', 'p95=+300%'], { errorRate: 0.05, p95: 3 }],
  ])('%j', (texts, guards) => {
    expect(parseGuards(texts)).toEqual(guards);
  });

  test.each([
    '',
    'p95',
    'p95=20%',
    'p95=+20',
    'cost=+5',
    'error_rate=+5%',
    'error_rate=+1.5',
    'p50=+1%',
    'p95=+-1%',
    'p95=+1e3%',
  ])('refuses %j', (text) => {
    expect(() => parseGuards([text])).toThrow(expect.objectContaining({ code: 'experiment_invalid' }));
  });
});

describe('brokenGuard', () => {
  const guards = { errorRate: 0.05, p95: 0.2, cost: 0.1 };
  const broken = (variant: Partial<VariantResults>, before: Partial<VariantResults> = {}, given = guards) =>
    brokenGuard(given, { variant: results(variant), before: results(before), minSamples: 5 });
  const fast = Array.from({ length: 5 }, () => 100);
  const slow = Array.from({ length: 5 }, () => 121);

  test('the error rate, if it is higher indeed', () => {
    expect(broken({ successes: 90, failures: 10 })).toBe('error_rate');
    expect(broken({ successes: 96, failures: 4 })).toBeUndefined();
    const chance = { successes: 9, failures: 1 };
    expect(broken(chance, { successes: 10, failures: 0 })).toBeUndefined();
  });

  test('the durations of enough runs', () => {
    expect(broken({ durations: slow }, { durations: fast })).toBe('p95');
    expect(broken({ durations: [120, 120, 120, 120, 120] }, { durations: fast })).toBeUndefined();
    expect(broken({ durations: slow.slice(1) }, { durations: fast })).toBeUndefined();
    expect(broken({ durations: slow }, { durations: fast.slice(1) })).toBeUndefined();
    expect(brokenGuard({ errorRate: 0.05 }, {
      variant: results({ durations: slow }),
      before: results({ durations: fast }),
      minSamples: 5,
    })).toBeUndefined(); // prettier-ignore
  });

  test('the mean cost, where it is known', () => {
    expect(broken({ cost: 111 }, { cost: 100 })).toBe('cost');
    expect(broken({ cost: 110 }, { cost: 100 })).toBeUndefined();
    expect(broken({ cost: 111 })).toBeUndefined();
    expect(broken({}, { cost: 111 })).toBeUndefined();
  });
});

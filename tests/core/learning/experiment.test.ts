import {
  experimentKey,
  experimentLog,
  p95Of,
  parseResult,
  readVariantResult,
  sumResults,
  withDecision,
  withVariants,
} from '../../../core/learning/experiment.ts';
import type { Decision, Experiment } from '../../../core/learning/experiment.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const SKILL = parseSkillId('travel/search_flights');
const NEW: Experiment = { variants: ['v1', 'v2'], baseline: 'v1', active: 'v1', decisions: [] };
const INVALID = expect.objectContaining({ code: 'experiment_invalid' });

test('each tenant and skill has its own record and log', () => {
  expect(experimentKey('acme', SKILL)).toBe('acme.travel.search_flights');
  expect(experimentLog('acme', SKILL)).toBe('experiments/acme/travel/search_flights');
});

describe('withVariants', () => {
  test('begins with the baseline, by default the first variant', () => {
    expect(withVariants(undefined, { variants: ['v1', 'v2'] })).toEqual(NEW);
    const other = withVariants(undefined, { variants: ['v1', 'v2'], baseline: 'v2' });
    expect(other).toEqual({ ...NEW, baseline: 'v2', active: 'v2' });
  });

  test('keeps what is known, and adds new variants', () => {
    const known: Experiment = { ...NEW, active: 'v2', previous: 'v1' };
    const added = withVariants(known, { variants: ['v3', 'v2'] });
    expect(added).toEqual({ ...known, variants: ['v1', 'v2', 'v3'] });
  });

  test.each([
    ['one variant', undefined, { variants: ['v1'] }],
    ['no variant', undefined, { variants: [] }],
    ['one variant twice', undefined, { variants: ['v1', 'v1'] }],
    ['an empty name', undefined, { variants: ['v1', ''] }],
    ['a name with a colon', undefined, { variants: ['v1', 'v:2'] }],
    ['a long name', undefined, { variants: ['v1', 'v'.repeat(90)] }],
    ['too many', undefined, { variants: Array.from({ length: 21 }, (_, number) => `v${number}`) }],
    ['an unknown baseline', undefined, { variants: ['v1', 'v2'], baseline: 'v3' }],
    ['another baseline', NEW, { variants: ['v1', 'v2'], baseline: 'v2' }],
  ])('refuses %s', (_, current, named) => {
    expect(() => withVariants(current, named)).toThrow(INVALID);
  });
});

describe('withDecision', () => {
  const decision: Decision = {
    at: '2026-01-02T03:04:05.000Z',
    by: { subject: 'ann', via: 'local' },
    action: 'promote',
    reason: 'confidence_threshold_met',
    from: 'v1',
    to: 'v2',
    rates: { from: 0, to: 1, delta: 1 },
    probability: 0.9989,
  };

  test('remembers the variant before a promotion, and forgets it after a rollback', () => {
    const promoted = withDecision(NEW, decision);
    expect(promoted).toEqual({ ...NEW, active: 'v2', previous: 'v1', decisions: [decision] });
    const rollback = { ...decision, action: 'rollback', from: 'v2', to: 'v1' } as const;
    expect(withDecision(promoted, rollback)).toEqual({ ...NEW, decisions: [decision, rollback] });
  });

  test('keeps the last hundred', () => {
    let experiment = NEW;
    for (let count = 0; count < 120; count++) {
      experiment = withDecision(experiment, { ...decision, probability: count });
    }
    expect(experiment.decisions.map(({ probability }) => probability)).toEqual(
      Array.from({ length: 100 }, (_, index) => index + 20),
    );
  });
});

describe('parseResult', () => {
  test.each([
    ['v1:success', 'v1', true],
    ['v1:TRUE', 'v1', true],
    ['v2:1', 'v2', true],
    ['v2:pass', 'v2', true],
    ['v2:ok', 'v2', true],
    ['v1:Failure', 'v1', false],
    ['v1:false', 'v1', false],
    ['v1:0', 'v1', false],
    ['v1:fail', 'v1', false],
  ])('%s', (text, variant, success) => {
    expect(parseResult(text, ['v1', 'v2'])).toEqual({ variant, success });
  });

  test.each([
    'v9:success',
    'v1',
    ':success',
    'v1:',
    'v1:x',
    'v1:toString',
    'v1:success:',
    `v1:${'x'.repeat(99)}`,
  ])('refuses %j', (text) => {
    expect(() => parseResult(text, ['v1', 'v2'])).toThrow(INVALID);
  });
});

describe('sumResults', () => {
  const at = '2026-01-02T03:04:05.000Z';

  test('counts by variant, each run once', () => {
    const sums = sumResults([
      { variant: 'v1', success: true, at },
      { variant: 'v1', success: true, at },
      { variant: 'v2', success: true, at, id: 'r1', duration_ms: 30, cost: 100 },
      { variant: 'v2', success: true, at, id: 'r1', duration_ms: 30, cost: 100 },
      { variant: 'v2', success: true, at, id: 'r2', duration_ms: 10, cost: 300 },
      { variant: 'v2', success: false, at, id: 'r3', duration_ms: 5 },
    ]);
    expect(Object.fromEntries(sums)).toEqual({
      v1: { successes: 2, failures: 0, durations: [] },
      v2: { successes: 2, failures: 1, durations: [10, 30], cost: 200 },
    });
  });

  test.each([
    [{ variant: 'v1', success: true, at }, true],
    [{ variant: 1, success: true, at }, false],
    [{ variant: 'v1', success: 'yes', at }, false],
    [{ variant: 'v1', success: true }, false],
  ])('reads the line %j: %s', (line, isRead) => {
    expect(readVariantResult(line)).toEqual(isRead ? line : undefined);
  });
});

test.each([
  [[], undefined],
  [[7], 7],
  [Array.from({ length: 100 }, (_, index) => index + 1), 95],
])('the 95th percentile of %j', (durations, p95) => {
  expect(p95Of({ durations })).toBe(p95);
});

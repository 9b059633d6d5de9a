import { experimentDocument, optimizationDocument } from '../../../core/learning/experiment-document.ts';
import type { Decision, Experiment } from '../../../core/learning/experiment.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const skill = parseSkillId('travel/search_flights');
const decision: Decision = {
  at: '2026-01-02T03:04:05.000Z',
  by: { subject: 'ann', via: 'local' },
  action: 'promote',
  reason: 'confidence_threshold_met',
  from: 'v1',
  to: 'v2',
  rates: { from: 0.5, to: 0.9, delta: 0.4 },
  probability: 0.999,
};
const experiment: Experiment = {
  variants: ['v1', 'v2'],
  baseline: 'v1',
  active: 'v2',
  previous: 'v1',
  decisions: [decision],
};
const results = new Map([['v2', { successes: 3, failures: 1, durations: [10, 20, 30], cost: 12_345 }]]);

test('an experiment with its variants and decisions', () => {
  expect(experimentDocument({ skill, experiment, results })).toEqual({
    schema: 'skillos.experiment/v1',
    skill: 'travel/search_flights',
    baseline: 'v1',
    active: 'v2',
    previous: 'v1',
    variants: {
      v1: { results: 0, successes: 0, failures: 0, rate: 0, interval: [0, 1], probability_best: 0.3333 },
      v2: {
        results: 4,
        successes: 3,
        failures: 1,
        rate: 0.75,
        interval: [0.3006, 0.9544],
        probability_best: 0.6667,
        cost: 1.2345,
        p95_ms: 30,
      },
    },
    decisions: [
      {
        at: '2026-01-02T03:04:05.000Z',
        by: 'ann',
        action: 'promote',
        reason: 'confidence_threshold_met',
        from_variant: 'v1',
        to_variant: 'v2',
        metrics: { active: 0.5, candidate: 0.9, delta: 0.4, probability: 0.999 },
      },
    ],
  });
  const { previous: _, ...rolledBack } = experiment;
  expect(experimentDocument({ skill, experiment: rolledBack, results })).not.toHaveProperty('previous');
});

test.each([
  [
    { action: 'no_action', reason: 'too_few_results' } as const,
    { action: 'no_action', reason: 'too_few_results' },
  ],
  [
    { ...decision, action: 'rollback', reason: 'regression_detected', guard: 'p95' } as const,
    {
      action: 'rollback',
      reason: 'regression_detected',
      from_variant: 'v1',
      to_variant: 'v2',
      metrics: { active: 0.5, previous: 0.9, delta: 0.4, probability: 0.999 },
      guard: 'p95',
    },
  ],
])('the answer %j', (verdict, answer) => {
  expect(optimizationDocument({ skill, experiment, results }, verdict)).toEqual({
    schema: 'skillos.optimization/v1',
    skill: 'travel/search_flights',
    active: 'v2',
    ...answer,
  });
});

import type { EndedRun, RoutedRequest } from '../../../core/learning/ended-runs.ts';
import { runMetrics, runMetricsDocument } from '../../../core/learning/run-metrics.ts';

const AT = '2026-01-02T03:04:05.000Z';
let count = 0;
const end = (skill: string, status: string, more: Partial<EndedRun> = {}): EndedRun => ({
  at: AT,
  run: `r${++count}`,
  execution: 'e',
  skill,
  status,
  cost: 0,
  ...more,
});
const routed = (status: string, more: Partial<RoutedRequest> = {}): RoutedRequest => ({
  at: AT,
  query: 'q',
  status,
  confidence: 0.9,
  ...more,
});

test('counts runs by skill, and queries', () => {
  const ends = [
    ...Array.from({ length: 20 }, (_, number) =>
      end('b/b', 'success', { duration_ms: number + 1, cost: 5000, steps: 1, attempts: number < 5 ? 2 : 1 }),
    ),
    end('b/b', 'error', { reason: 'skill_failed', duration_ms: 100 }),
    end('b/b', 'error', { reason: 'skill_failed' }),
    end('b/b', 'blocked', { reason: 'budget_exceeded', waited_ms: 4000 }),
    end('a/a', 'cancelled', { reason: 'run_cancelled' }),
  ];
  const requests = [
    routed('routed'),
    routed('routed', { override: true }),
    routed('low_confidence'),
    routed('no_skill_found'),
  ];
  expect(runMetricsDocument(runMetrics(ends, requests), { since: AT })).toEqual({
    schema: 'skillos.run_metrics/v1',
    since: AT,
    all: {
      runs: 24,
      success: 20,
      error: 2,
      blocked: 1,
      cancelled: 1,
      success_rate: 0.9091,
      p50_ms: 11,
      p95_ms: 20,
      attempts_per_step: 1.25,
      waited_p50_ms: 4000,
      cost: 10,
      reasons: { skill_failed: 2, budget_exceeded: 1, run_cancelled: 1 },
    },
    skills: {
      'a/a': {
        runs: 1,
        success: 0,
        error: 0,
        blocked: 0,
        cancelled: 1,
        cost: 0,
        reasons: { run_cancelled: 1 },
      },
      'b/b': expect.objectContaining({ runs: 23, success: 20 }) as object,
    },
    routing: { requests: 4, abstention_rate: 0.5, override_rate: 0.25 },
  });
});

test('says nothing about what it has not seen', () => {
  expect(runMetricsDocument(runMetrics([], []), {})).toEqual({
    schema: 'skillos.run_metrics/v1',
    all: { runs: 0, success: 0, error: 0, blocked: 0, cancelled: 0, cost: 0, reasons: {} },
    skills: {},
    routing: { requests: 0 },
  });
});

test('skills and reasons of equal counts are sorted by name', () => {
  const { skills, all } = runMetrics(
    [end('b/b', 'error', { reason: 'y' }), end('a/a', 'error', { reason: 'x' }), end('c/c', 'success')],
    [],
  );
  expect([...skills.keys()]).toEqual(['a/a', 'b/b', 'c/c']);
  expect(Object.keys(all.reasons)).toEqual(['x', 'y']);
});

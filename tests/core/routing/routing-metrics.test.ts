import { scoreGolden } from '../../../core/routing/routing-metrics.ts';
import type { RoutedQuery } from '../../../core/routing/routing-metrics.ts';
import type { Routing } from '../../../core/routing/routing.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

const NONE: Routing = { status: 'no_skill_found', confidence: 0, alternatives: [], reasons: [] };

function answer(skill: string, confidence: number, ...others: string[]): Routing {
  return {
    status: confidence < 0.5 ? 'low_confidence' : 'routed',
    skill: parseSkillId(skill),
    confidence,
    alternatives: others.map((other) => ({ skill: parseSkillId(other), confidence: 0 })),
    reasons: [],
  };
}

function item(expected: string | null, routing: Routing, elapsedMs = 1): RoutedQuery {
  return {
    golden: { query: 'two words', expected: expected && parseSkillId(expected) } as never,
    routing,
    elapsedMs,
  };
}

describe('scoreGolden', () => {
  test('has no metrics of no queries', () => {
    expect(scoreGolden([])).toEqual({});
  });

  test('counts the best and the best three skills at any confidence', () => {
    const metrics = scoreGolden([
      item('a/a', answer('a/a', 0.9)),
      item('a/a', answer('a/a', 0.2)),
      item('a/b', answer('a/a', 0.6, 'a/c', 'a/b', 'a/d')),
      item('a/b', answer('a/a', 0.6, 'a/c', 'a/d', 'a/b')),
      item('a/b', NONE),
    ]);
    expect(metrics).toMatchObject({
      routing_top1_accuracy: 0.4,
      routing_top3_accuracy: 0.6,
      routing_no_skill_found_rate: 0.2,
      routing_override_rate: 0,
      skill_success_rate: { 'a/a': 1, 'a/b': 0 },
      error_rate_by_class: { no_skill_found: 0.2, misroute: 0.4 },
      tokens_per_request: 2,
    });
    expect(metrics).not.toHaveProperty('routing_abstention_recall');
  });

  test('measures abstention on queries without a skill', () => {
    expect(
      scoreGolden([
        item('a/a', answer('a/a', 0.9)),
        item('a/a', answer('a/a', 0.4)),
        item(null, NONE),
        item(null, answer('a/a', 0.4)),
        item(null, answer('a/a', 0.7)),
      ]),
    ).toMatchObject({
      routing_abstention_recall: 2 / 3,
      routing_abstention_precision: 2 / 3,
      // 0.9 beats all three; 0.4 beats one, ties with one and loses to one
      routing_abstention_auroc: 4.5 / 6,
    });
  });

  test('omits metrics without data', () => {
    const metrics = scoreGolden([item(null, answer('a/a', 0.9))]);
    expect(metrics).toMatchObject({ routing_abstention_recall: 0 });
    for (const name of ['abstention_precision', 'abstention_auroc', 'top1_accuracy']) {
      expect(metrics).not.toHaveProperty(`routing_${name}`);
    }
  });

  test('measures calibration by the Brier score and by bins of confidence', () => {
    const metrics = scoreGolden([
      item('a/a', answer('a/a', 1)),
      item('a/a', answer('a/a', 0.62)),
      item('a/b', answer('a/a', 0.68)),
      item(null, NONE),
    ]);
    expect(metrics['routing_confidence_brier']).toBeCloseTo((0.38 ** 2 + 0.68 ** 2) / 4);
    expect(metrics['routing_calibration_error']).toBeCloseTo((2 * 0.15) / 4);
  });

  test('takes percentiles by the nearest rank', () => {
    const routed = Array.from({ length: 21 }, (_, at) => item('a/a', NONE, 20 - at));
    expect(scoreGolden(routed)).toMatchObject({ routing_p50_ms: 10, routing_p95_ms: 19, request_p95_ms: 19 });
  });
});

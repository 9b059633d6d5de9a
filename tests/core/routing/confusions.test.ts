import { confusionFields, confusionsIn } from '../../../core/routing/confusions.ts';
import type { RoutedQuery } from '../../../core/routing/routing-metrics.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';

function routed(query: string, expected: string | null, skill?: string): RoutedQuery {
  const golden = { query, expected: expected === null ? null : parseSkillId(expected) };
  const common = { alternatives: [], reasons: [] };
  const routing: RoutedQuery['routing'] =
    skill === undefined
      ? { ...common, status: 'no_skill_found', confidence: 0 }
      : { ...common, status: 'low_confidence', confidence: 0.4, skill: parseSkillId(skill) };
  return { golden, routing, elapsedMs: 1 };
}

describe('confusionsIn', () => {
  test('counts pairs with up to three queries, the most frequent first', () => {
    const often = [1, 2, 3, 4].map((number) => routed(`often ${number}`, 'a/b', 'a/c'));
    const rare = routed('x'.repeat(300), 'z/z', 'a/b');
    const other = routed('back', 'a/c', 'a/b');
    const { pairs, leftOut } = confusionsIn([rare, ...often, other]);
    expect(leftOut).toBe(0);
    expect(pairs).toEqual([
      { expected: 'a/b', routed: 'a/c', count: 4, examples: ['often 1', 'often 2', 'often 3'] },
      { expected: 'a/c', routed: 'a/b', count: 1, examples: ['back'] },
      { expected: 'z/z', routed: 'a/b', count: 1, examples: ['x'.repeat(200)] },
    ]);
  });

  test('leaves out right answers, queries without a skill and queries that found none', () => {
    const all = [routed('x', 'a/b', 'a/b'), routed('x', null, 'a/b'), routed('x', 'a/b')];
    expect(confusionsIn(all)).toEqual({ pairs: [], leftOut: 0 });
  });

  test('is bounded', () => {
    const all = Array.from({ length: 60 }, (_, index) => routed('x', 'a/b', `c/d${index}`));
    const found = confusionsIn(all);
    expect([found.pairs.length, found.leftOut]).toEqual([50, 10]);
    expect(confusionFields(found)).toMatchObject({ confusions_left_out: 10 });
  });
});

import { withCorrection } from '../../../core/routing/corrections.ts';
import { explainRouting, explanationDocument } from '../../../core/routing/explanation.ts';
import { buildRoutingIndex } from '../../../core/routing/routing-index.ts';
import { routeQuery } from '../../../core/routing/routing.ts';
import type { RoutingQuery } from '../../../core/routing/routing.ts';
import { MEANING } from '../../../core/routing/similarity.ts';
import { conceptsByStem } from '../../../core/routing/concepts.ts';
import { parseSkillId } from '../../../core/values/skill-id.ts';
import { aDocument } from '../../support/routing-documents.ts';

const INDEX = buildRoutingIndex(
  [
    aDocument('admin/delete_records', 'Delete records of a table'),
    aDocument('admin/list_users', 'List users of a table'),
    aDocument('travel/search_hotels', 'Search hotels in a city'),
  ],
  conceptsByStem(),
);

function explain(text: string, more: Partial<RoutingQuery> = {}) {
  const query = { text, minConfidence: 0.5, ...more };
  return explainRouting(INDEX, query, routeQuery(INDEX, query));
}

test('has the words, the score and the confidence of each skill of the routing', () => {
  const { candidates, minConfidence } = explain('delete a table');
  expect(minConfidence).toBe(0.5);
  expect(candidates.map(({ skill }) => skill)).toEqual([
    'admin/delete_records',
    'admin/list_users',
    'travel/search_hotels',
  ]);
  expect(candidates.map(({ matches }) => matches.map(({ word }) => word))).toEqual([
    ['delete', 'table'],
    ['table'],
    [],
  ]);
  const [best, other] = candidates;
  expect(best?.score).toBeGreaterThan(other?.score ?? Infinity);
  expect(best).not.toHaveProperty('similarity');
});

test('has synonyms, the weight of feedback and the similarity in meaning', () => {
  const similarity = Float32Array.of(0.5, 0, 0);
  const plain = explain('remove records').candidates[0];
  const [best] = explain('remove records', { similarity, weightOf: () => 2 }).candidates;
  expect(best).toMatchObject({ synonyms: ['remove'], weight: 2, similarity: 0.5 });
  const score = MEANING.words * (plain?.score ?? 0) + MEANING.similarity / 2;
  expect(best?.score).toBeCloseTo(2 * score, 3);
});

test('gives no score to a skill that feedback alone has chosen', () => {
  const query = { text: 'delete records', minConfidence: 0.5 };
  const routing = withCorrection(routeQuery(INDEX, query), parseSkillId('travel/search_hotels'), 0.5);
  const [best] = explainRouting(INDEX, query, routing).candidates;
  expect(best).toEqual({
    skill: 'travel/search_hotels',
    confidence: 0.95,
    weight: 1,
    matches: [],
    synonyms: [],
  });
});

test('has no candidate without a routed skill', () => {
  expect(explanationDocument(explain('qqqq'))).toEqual({ min_confidence: 0.5, candidates: [] });
});

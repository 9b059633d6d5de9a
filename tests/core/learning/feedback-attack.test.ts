/** One person gives thousands of corrections in favour of one skill; the golden queries of the sample root stay with theirs. */
import path from 'node:path';
import { openCatalog } from '../../../adapters/catalog/catalog.ts';
import { routingDocuments } from '../../../adapters/catalog/routing-index-file.ts';
import { feedbackState } from '../../../core/learning/feedback-state.ts';
import type { Feedback } from '../../../core/learning/feedback-state.ts';
import { buildRoutingIndex } from '../../../core/routing/routing-index.ts';
import type { RoutingIndex } from '../../../core/routing/routing-index.ts';
import { routeQuery } from '../../../core/routing/routing.ts';
import golden from '../../fixtures/golden_queries.json' with { type: 'json' };
import { aFeedback } from '../../support/feedback.ts';
import { aDocument } from '../../support/routing-documents.ts';

const ROOT = path.join(import.meta.dirname, '../../../skills');
let index: RoutingIndex;

beforeAll(async () => {
  index = buildRoutingIndex(routingDocuments(await openCatalog(ROOT).load()));
});

/** Corrections of one person from every other skill to the first, each for another query. */
function attack(count: number): Feedback {
  const [target, ...victims] = index.skills.map(({ id }) => id);
  const lines = Array.from({ length: count }, (_, number) => ({
    kind: 'given' as const,
    ...aFeedback(victims[number % victims.length] as string, target, {
      subject: 'eve',
      id: `id${number}`,
      query: `attempt ${number} zeta${number}`,
    }),
  }));
  return feedbackState(lines);
}

function skillsOf(feedback?: Feedback): readonly unknown[] {
  return golden.map(({ query }) => {
    const corrected = feedback?.correctedTo(query);
    if (corrected !== undefined) return corrected;
    const routing = routeQuery(index, {
      text: query,
      minConfidence: 0.5,
      ...(feedback && { weightOf: feedback.weightOf }),
    });
    return routing.status === 'no_skill_found' ? undefined : routing.skill;
  });
}

test.each([100, 10_000])('%i corrections move no golden query to the favoured skill', (count) => {
  const [before, after] = [skillsOf(), skillsOf(attack(count))];
  const target = index.skills[0]?.id;
  const taken = golden.filter((_, at) => after[at] === target && before[at] !== target);
  expect(taken).toEqual([]);
  expect(after.filter((skill, at) => skill !== before[at])).toEqual([]);
});

test('10,000 corrections do not make the router sure of one of two equal skills', () => {
  const equal = buildRoutingIndex([
    aDocument('a/first', 'Find flights'),
    aDocument('b/second', 'Find flights'),
  ]);
  const lines = Array.from({ length: 10_000 }, (_, number) => ({
    kind: 'given' as const,
    ...aFeedback('a/first', 'b/second', { id: `id${number}` }),
  }));
  const { weightOf } = feedbackState(lines);
  expect(routeQuery(equal, { text: 'find flights', minConfidence: 0.5, weightOf })).toMatchObject({
    status: 'low_confidence',
    skill: 'b/second',
  });
});

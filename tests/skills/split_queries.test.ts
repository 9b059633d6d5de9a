/** How well queries of several orders are taken apart, over the sample skills and some whose names join two words. */
import { resolve } from 'node:path';
import { openCatalog } from '../../adapters/catalog/catalog.ts';
import type { Plan } from '../../core/plans/plan.ts';
import { stepsOf } from '../../core/plans/plan.ts';
import type { Segment } from '../../core/splitting/interpretation.ts';
import { buildRoutingIndex } from '../../core/routing/routing-index.ts';
import type { RoutingIndex } from '../../core/routing/routing-index.ts';
import { routeQuery } from '../../core/routing/routing.ts';
import { splitQuery } from '../../core/splitting/segments.ts';
import { aDocument } from '../support/routing-documents.ts';
import golden from '../fixtures/split_queries.json' with { type: 'json' };
import fixtures from '../fixtures/split_skills.json' with { type: 'json' };

interface SplitQuery {
  readonly query: string;
  /** The skills of each group, in the order in which they run; `null` where the query is one order. */
  readonly expected: readonly (readonly string[])[] | null;
  /** Written after everything was fitted on the others, and never looked at for that. */
  readonly held_out?: boolean;
}

const QUERIES: readonly SplitQuery[] = golden;

let index: RoutingIndex;

beforeAll(async () => {
  const { skills } = await openCatalog(resolve(import.meta.dirname, '../../skills')).load();
  const sample = [...skills.values()].map(({ id, manifest: { name, description, tags, examples } }) => {
    return aDocument(id, description, { name, tags, examples });
  });
  index = buildRoutingIndex([
    ...sample,
    ...fixtures.map(({ id, description, ...more }) => aDocument(id, description, more)),
  ]);
});

async function groupsOf(query: string): Promise<SplitQuery['expected']> {
  const { plan } = await splitQuery(query, 'auto', async (text) =>
    routeQuery(index, { text, minConfidence: 0.5 }),
  );
  if (plan === undefined) return null;
  return (plan.kind === 'sequence' ? plan.plans : [plan]).map(skillsOf);
}

function skillsOf(plan: Plan<Segment>): readonly string[] {
  return stepsOf(plan).map(({ skill }) => skill);
}

/** A split counts as right where every skill stands in its group and every group in its place. */
async function measure(queries: readonly SplitQuery[]) {
  const answers = await Promise.all(
    queries.map(async ({ query, expected }) => ({ query, expected, found: await groupsOf(query) })),
  );
  const split = answers.filter(({ found }) => found !== null);
  const right = split.filter(({ expected, found }) => JSON.stringify(expected) === JSON.stringify(found));
  return {
    precision: right.length / split.length,
    recall: right.length / answers.filter(({ expected }) => expected !== null).length,
  };
}

test('there are at least 120 split queries, each once, as many again that are one order', () => {
  expect(QUERIES.filter(({ expected }) => expected !== null).length).toBeGreaterThanOrEqual(120);
  expect(QUERIES.filter(({ expected }) => expected === null).length).toBeGreaterThanOrEqual(120);
  expect(new Set(QUERIES.map(({ query }) => query.toLowerCase())).size).toBe(QUERIES.length);
});

test.each([
  ['those it was fitted on', false, { precision: 0.95, recall: 0.88 }],
  ['those held out', true, { precision: 0.95, recall: 0.88 }],
])('of %s, splits are right and found as often as promised', async (_which, isHeldOut, floor) => {
  const measured = await measure(QUERIES.filter(({ held_out: heldOut = false }) => heldOut === isHeldOut));
  expect(measured.precision).toBeGreaterThanOrEqual(floor.precision);
  expect(measured.recall).toBeGreaterThanOrEqual(floor.recall);
});

/** The parts of a split query as JSON documents. */
import type { JsonObject } from '../json.ts';
import type { Plan } from '../plans/plan.ts';
import { stepsOf } from '../plans/plan.ts';
import type { Segment } from './interpretation.ts';
import { routingDocument } from '../routing/routing-document.ts';

/** One document per step. `id` is the number of the step in the run; steps with the same `group` run in parallel. */
export function segmentDocuments(plan: Plan<Segment>): readonly JsonObject[] {
  const groups = plan.kind === 'sequence' ? plan.plans : [plan];
  let id = 0;
  return groups.flatMap((group, index) =>
    stepsOf(group).map(({ text, skill, routing }) => ({
      id: ++id,
      skill,
      group: index + 1,
      query: text,
      routing: routingDocument(routing),
    })),
  );
}

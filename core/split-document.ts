/** The parts of a query that was split, as `--json` prints them and the API answers. */
import type { JsonObject } from './json.ts';
import type { Plan } from './plan.ts';
import { stepsOf } from './plan.ts';
import type { Segment } from './reading.ts';
import { routingDocument } from './routing-document.ts';

/** One a step, with the number it has in the run; steps of one `group` run at once. */
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

/** What the router said as `skillos.run/v1`: what `--json` prints and the API answers. */
import type { JsonObject } from './json.ts';
import type { Routing } from './routing.ts';
import type { SkillId } from './skill-id.ts';

/** The field `routing` of a run that words led to. */
export function routingDocument(routing: Routing): JsonObject {
  return {
    status: routing.status,
    ...('skill' in routing ? { skill: routing.skill } : {}),
    confidence: routing.confidence,
    alternatives: routing.alternatives.map(({ skill, confidence }) => ({ skill, confidence })),
    reasons: routing.reasons,
    ...('replaces' in routing && routing.replaces !== undefined ? { replaces: routing.replaces } : {}),
  };
}

/** The whole answer where nothing is run. */
export function routedDocument(routing: Routing): JsonObject & { readonly schema: string } {
  return {
    schema: 'skillos.run/v1',
    status: routing.status,
    ...('skill' in routing ? { skill: routing.skill } : {}),
    routing: routingDocument(routing),
    steps: [],
  };
}

/** A skill that the caller names instead of the router. */
export function chosenByCaller(skill: SkillId): Routing {
  return { status: 'routed', skill, confidence: 1, alternatives: [], reasons: ['chosen by the caller'] };
}

/** Routing results as JSON documents. */
import type { JsonObject } from '../json.ts';
import type { Routing } from './routing.ts';
import type { SkillId } from '../values/skill-id.ts';

/** The field `routing` of a routed run. */
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

/** The `skillos.run/v1` document of a query that was routed and not executed. */
export function routedDocument(routing: Routing): JsonObject & { readonly schema: string } {
  return {
    schema: 'skillos.run/v1',
    status: routing.status,
    ...('skill' in routing ? { skill: routing.skill } : {}),
    routing: routingDocument(routing),
    steps: [],
  };
}

/** The routing result of a skill that the caller named. */
export function chosenByCaller(skill: SkillId): Routing {
  return { status: 'routed', skill, confidence: 1, alternatives: [], reasons: ['chosen by the caller'] };
}

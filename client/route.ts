/** Routing for one caller: what comes back names only skills that the caller may run. */
import { demand } from '../core/operations.ts';
import { mayRun, withRules } from '../core/permission-policy.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { Catalogs } from '../core/ports.ts';
import type { RoutingIndex } from '../core/routing-index.ts';
import type { Routing, RoutingQuery } from '../core/routing.ts';
import { routeQuery } from '../core/routing.ts';
import type { SkillId } from '../core/skill-id.ts';

export interface RoutingFor {
  readonly index: RoutingIndex;
  readonly query: RoutingQuery;
  readonly catalogs: Catalogs;
  readonly rights: Rights;
}

/**
 * Asks about the few skills that would be shown, and routes again without those that may not be. What was meant for a
 * hidden skill is not taken for the next best: that is trusted no more than the hidden one leaves over. Rejects where
 * the policies allow nobody anything.
 */
export async function routeFor({ index, query, catalogs, rights }: RoutingFor): Promise<Routing> {
  demand(withRules(rights, () => ({ isAllowed: true, explain: [] })));
  if (rights.file.status === 'absent') return routeQuery(index, query);
  const hidden = new Set<SkillId>();
  let ceiling = 1;
  for (;;) {
    const routing = routeQuery(index, { ...query, isAllowed: (id) => !hidden.has(id) });
    const shown = [...('skill' in routing ? [routing] : []), ...routing.alternatives].map(
      ({ skill }) => skill,
    );
    const allowed = await Promise.all(shown.map(isAllowed));
    const denied = shown.filter((_, position) => !allowed[position]);
    if (denied.length === 0) return capped(await withoutDenied(routing), ceiling, query.minConfidence);
    if (allowed[0] === false) ceiling *= 1 - routing.confidence;
    for (const id of denied) hidden.add(id);
  }

  async function isAllowed(id: SkillId): Promise<boolean> {
    const entry = await catalogs.find(id);
    return entry !== undefined && mayRun(rights, entry).isAllowed;
  }

  /** The deprecated skill that was replaced is not named to who might not run it either. */
  async function withoutDenied(routing: Routing): Promise<Routing> {
    if (routing.status === 'no_skill_found' || routing.replaces === undefined) return routing;
    const { replaces, ...rest } = routing;
    if (await isAllowed(replaces)) return routing;
    return { ...rest, reasons: routing.reasons.filter((reason) => !reason.includes(replaces)) };
  }
}

function capped(routing: Routing, ceiling: number, minConfidence: number): Routing {
  if (routing.status === 'no_skill_found') return routing;
  const confidence = Math.min(routing.confidence, ceiling);
  return {
    ...routing,
    status: confidence < minConfidence ? 'low_confidence' : 'routed',
    confidence,
    alternatives: routing.alternatives.map((other) => ({
      ...other,
      confidence: Math.min(other.confidence, confidence),
    })),
  };
}

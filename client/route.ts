/** Routing for one caller: what comes back names only skills that the caller may run. */
import { demand } from '../core/operations.ts';
import { withRules } from '../core/permission-policy.ts';
import type { Rights } from '../core/permission-policy.ts';
import type { Catalogs } from '../core/ports.ts';
import { isConsistent, routingKey, skillsIn } from '../core/routing-cache.ts';
import type { RoutingCache } from '../core/routing-cache.ts';
import type { RoutingIndex } from '../core/routing-index.ts';
import type { Routing, RoutingQuery } from '../core/routing.ts';
import { routeQuery } from '../core/routing.ts';
import type { SkillId } from '../core/skill-id.ts';
import { mayRunWhole } from './run-rights.ts';

interface Asked {
  readonly query: RoutingQuery;
  readonly catalogs: Catalogs;
  readonly rights: Rights;
}

export interface RoutingFor extends Asked {
  readonly index: RoutingIndex;
}

export interface CachedRoutingFor extends Asked {
  readonly openIndex: () => Promise<RoutingIndex>;
  readonly cache?: RoutingCache | undefined;
  /** Of the catalog, and of whatever else the ranking looks at. */
  readonly version: () => Promise<string>;
  /** Stale is an answer that no longer holds for the caller. */
  readonly onLookup?: (result: 'hit' | 'miss' | 'stale') => void;
}

/** As `routeFor`, without opening the index where the answer is known. */
export async function routeCached(asked: CachedRoutingFor): Promise<Routing> {
  const { query, rights, cache, openIndex, version, onLookup } = asked;
  if (cache === undefined) return routeFor({ ...asked, index: await openIndex() });
  // Before the index is opened: an answer may be newer than its key says, never older.
  const key = routingKey({ query, rights, version: await version() });
  demandAny(rights);
  let isStale = false;
  const known = await cache.get(key, async (routing) => {
    isStale = !(await holds(routing, asked));
    return !isStale;
  });
  onLookup?.(known !== undefined ? 'hit' : isStale ? 'stale' : 'miss');
  if (known !== undefined) return known;
  const routing = await routeFor({ ...asked, index: await openIndex() });
  await cache.put(key, routing);
  return routing;
}

/** Asked of the catalog and the policies as they are now, which the key names by digests alone. */
async function holds(routing: Routing, asked: Asked): Promise<boolean> {
  if (!isConsistent(routing, asked.query.minConfidence)) return false;
  const allowed = await Promise.all(skillsIn(routing).map((id) => isAllowed(asked, id)));
  return allowed.every(Boolean);
}

/**
 * Asks about the few skills that would be shown, and routes again without those that may not be. What was meant for a
 * hidden skill is not taken for the next best: that is trusted no more than the hidden one leaves over. Rejects where
 * the policies allow nobody anything.
 */
export async function routeFor(asked: RoutingFor): Promise<Routing> {
  const { index, query, rights } = asked;
  demandAny(rights);
  if (rights.file.status === 'absent') return routeQuery(index, query);
  const hidden = new Set<SkillId>();
  let ceiling = 1;
  for (;;) {
    const routing = routeQuery(index, { ...query, isAllowed: (id) => !hidden.has(id) });
    const shown = [...('skill' in routing ? [routing] : []), ...routing.alternatives].map(
      ({ skill }) => skill,
    );
    const allowed = await Promise.all(shown.map((id) => isAllowed(asked, id)));
    const denied = shown.filter((_, position) => !allowed[position]);
    if (denied.length === 0) return capped(await withoutDenied(routing), ceiling, query.minConfidence);
    if (allowed[0] === false) ceiling *= 1 - routing.confidence;
    for (const id of denied) hidden.add(id);
  }

  /** The deprecated skill that was replaced is not named to who might not run it either. */
  async function withoutDenied(routing: Routing): Promise<Routing> {
    if (routing.status === 'no_skill_found' || routing.replaces === undefined) return routing;
    const { replaces, ...rest } = routing;
    if (await isAllowed(asked, replaces)) return routing;
    return { ...rest, reasons: routing.reasons.filter((reason) => !reason.includes(replaces)) };
  }
}

function demandAny(rights: Rights): void {
  demand(withRules(rights, () => ({ isAllowed: true, explain: [] })));
}

async function isAllowed({ catalogs, rights }: Asked, id: SkillId): Promise<boolean> {
  const entry = await catalogs.find(id);
  return entry !== undefined && (await mayRunWhole(catalogs, rights, entry)).isAllowed;
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

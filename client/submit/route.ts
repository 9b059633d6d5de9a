/** Routes a query for one caller. The result names only skills that the caller may run. */
import { demand } from '../../core/rights/operations.ts';
import { withRules } from '../../core/rights/permission-policy.ts';
import type { Rights } from '../../core/rights/permission-policy.ts';
import type { Catalogs } from '../../core/skills/catalog.ts';
import { isConsistent, routingKey, skillsIn } from '../../core/routing/routing-cache.ts';
import type { RoutingCache } from '../../core/routing/routing-cache.ts';
import { withCorrection } from '../../core/routing/corrections.ts';
import type { Corrections } from '../../core/routing/corrections.ts';
import { offered } from '../../core/routing/ranking.ts';
import type { RoutingIndex } from '../../core/routing/routing-index.ts';
import type { Embeddings, Similarity } from '../../core/routing/similarity.ts';
import type { Routing, RoutingQuery } from '../../core/routing/routing.ts';
import { routeQuery } from '../../core/routing/routing.ts';
import type { SkillId } from '../../core/values/skill-id.ts';
import { mayRunWhole } from '../skills/run-rights.ts';

interface RoutingCall {
  readonly query: RoutingQuery;
  /** Feedback of the caller's tenant; absent if the router decides alone. */
  readonly corrections?: Corrections | undefined;
  readonly catalogs: Catalogs;
  readonly rights: Rights;
}

export interface RoutingFor extends RoutingCall {
  readonly index: RoutingIndex;
  /** The query compared with the skills by an embedding model; absent if words alone decide. */
  readonly similarity?: Similarity | undefined;
}

export interface CachedRoutingFor extends RoutingCall {
  readonly openIndex: () => Promise<RoutingIndex>;
  readonly cache?: RoutingCache | undefined;
  /** Absent if words alone decide. */
  readonly embeddings?: Embeddings | undefined;
  /** Changes with the catalog and with all other input of the ranking. */
  readonly version: () => Promise<string>;
  /** `stale` is a cached result that is no longer valid for the caller. */
  readonly onLookup?: (result: 'hit' | 'miss' | 'stale') => void;
}

/** Like `routeFor`, but does not open the index if the result is cached. */
export async function routeCached(call: CachedRoutingFor): Promise<Routing> {
  const { query, rights, corrections, cache, version, onLookup, embeddings } = call;
  if (cache === undefined) return (await routeNow(call)).routing;
  // Read before the index is opened, so that a cached result may be newer than its key but never older.
  const key = routingKey({
    query,
    rights,
    version: `${await version()}${corrections?.version ?? ''}${embeddings?.id ?? ''}`,
  });
  demandAny(rights);
  let isStale = false;
  const known = await cache.get(key, async (routing) => {
    isStale = !(await holds(routing, call));
    return !isStale;
  });
  onLookup?.(known !== undefined ? 'hit' : isStale ? 'stale' : 'miss');
  if (known !== undefined) return known;
  const { routing, isComplete } = await routeNow(call);
  if (isComplete) await cache.put(key, routing);
  return routing;
}

/** `isComplete` is false if the embedding model gave no answer. */
async function routeNow(
  call: CachedRoutingFor,
): Promise<{ readonly routing: Routing; readonly isComplete: boolean }> {
  const { query, openIndex, embeddings } = call;
  const index = await openIndex();
  const similarity = await embeddings?.similarityTo(index, query.text);
  const routing = await routeFor({ ...call, index, similarity });
  return { routing, isComplete: embeddings === undefined || similarity !== undefined };
}

/** Checks a cached result against the present catalog and policies, of which the key contains only digests. */
async function holds(routing: Routing, call: RoutingCall): Promise<boolean> {
  if (!isConsistent(routing, call.query.minConfidence)) return false;
  const allowed = await Promise.all(skillsIn(routing).map((id) => isAllowed(call, id)));
  return allowed.every(Boolean);
}

/**
 * Routes to the skill that people named for the query, if there is one and the caller may run it; else as the router
 * decides. Rejects if the policies permit nothing to anyone.
 */
export async function routeFor(call: RoutingFor): Promise<Routing> {
  const { index, query, rights, corrections } = call;
  demandAny(rights);
  const routing = await routeByWords(call);
  const named = corrections?.correctedTo(query.text);
  const skill = named === undefined ? undefined : offered(index, named, query);
  if (skill === undefined || !(await isAllowed(call, skill))) return routing;
  return withCorrection(routing, skill, query.minConfidence);
}

/**
 * Checks the rights to the skills of the result, and routes again without those that the caller may not run.
 * The confidence of the next best skill is limited to the share that the hidden skill leaves.
 */
async function routeByWords(call: RoutingFor): Promise<Routing> {
  const { index, rights } = call;
  const query = rankedBy(call);
  if (rights.file.status === 'absent') return routeQuery(index, query);
  const hidden = new Set<SkillId>();
  let ceiling = 1;
  for (;;) {
    const routing = routeQuery(index, { ...query, isAllowed: (id) => !hidden.has(id) });
    const shown = [...('skill' in routing ? [routing] : []), ...routing.alternatives].map(
      ({ skill }) => skill,
    );
    const allowed = await Promise.all(shown.map((id) => isAllowed(call, id)));
    const denied = shown.filter((_, position) => !allowed[position]);
    if (denied.length === 0) return capped(await withoutDenied(routing), ceiling, query.minConfidence);
    if (allowed[0] === false) ceiling *= 1 - routing.confidence;
    for (const id of denied) hidden.add(id);
  }

  /** Removes the name of a replaced skill that the caller may not run. */
  async function withoutDenied(routing: Routing): Promise<Routing> {
    if (routing.status === 'no_skill_found' || routing.replaces === undefined) return routing;
    const { replaces, ...rest } = routing;
    if (await isAllowed(call, replaces)) return routing;
    return { ...rest, reasons: routing.reasons.filter((reason) => !reason.includes(replaces)) };
  }
}

/** The query with what the ranking takes into account besides its words. */
export function rankedBy({
  query,
  corrections,
  similarity,
}: Pick<RoutingFor, 'query' | 'corrections' | 'similarity'>): RoutingQuery {
  return {
    ...query,
    ...(corrections?.version && { weightOf: corrections.weightOf }),
    ...(similarity && { similarity }),
  };
}

function demandAny(rights: Rights): void {
  demand(withRules(rights, () => ({ isAllowed: true, explain: [] })));
}

async function isAllowed({ catalogs, rights }: RoutingCall, id: SkillId): Promise<boolean> {
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

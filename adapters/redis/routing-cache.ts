/** Caches routings in this process and, if configured, in Redis for all processes. */
import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import type { Config } from '../../core/settings/config.ts';
import { hmacSha256, isSameSecret } from '../../core/values/digest.ts';
import type { RoutingCache } from '../../core/routing/routing-cache.ts';
import type { Routing } from '../../core/routing/routing.ts';
import { isSkillId, parseSkillId } from '../../core/values/skill-id.ts';
import type { Redis } from './redis.ts';

export interface RoutingCaching {
  readonly config: Pick<Config, 'cacheTtlSeconds' | 'cachePrefix' | 'serverKey'>;
  /** Shared cache; absent if only this process caches. */
  readonly redis?: Redis | undefined;
  /** Called if Redis is unreachable or holds an entry that this deployment did not write. */
  readonly onFault?: () => void;
}

const MAX_ROUTINGS = 10_000;
/** A routing result has a few hundred bytes; a larger entry is not one of ours. */
const MAX_SHARED_CHARS = 16_384;

const skill = z.string().refine(isSkillId).transform(parseSkillId);
const confidence = z.number().min(0).max(1);
const named = {
  alternatives: z.array(z.strictObject({ skill, confidence })).max(10),
  reasons: z.array(z.string().max(500)).max(20),
};
const routingSchema = z.union([
  z.strictObject({
    status: z.enum(['routed', 'low_confidence']),
    skill,
    confidence,
    ...named,
    replaces: skill.exactOptional(),
  }),
  z.strictObject({ status: z.literal('no_skill_found'), confidence: z.literal(0), ...named }),
]);

export function openRoutingCache({ config, redis, onFault }: RoutingCaching): RoutingCache {
  const ttlMs = config.cacheTtlSeconds * 1000;
  const own = new LRUCache<string, Routing>({ max: MAX_ROUTINGS, ttl: ttlMs });
  const nameOf = (key: string): string => `${config.cachePrefix}:routing:${key}`;
  const guarded = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch(() => {
      onFault?.();
      return undefined;
    });

  async function getShared(from: Redis, key: string): Promise<Routing | undefined> {
    const text = await from.use((client) => client.get(nameOf(key)));
    return text === null ? undefined : unseal(text, key, config.serverKey);
  }

  return {
    async get(key, holds) {
      const known = own.get(key);
      if (known !== undefined || redis === undefined) return known;
      const shared = await guarded(getShared(redis, key));
      if (shared === undefined || !(await holds(shared))) return undefined;
      own.set(key, shared);
      return shared;
    },
    async put(key, routing) {
      own.set(key, routing);
      if (redis === undefined) return;
      const text = seal(JSON.stringify(routing), key, config.serverKey);
      await guarded(redis.use((client) => client.set(nameOf(key), text, 'PX', ttlMs)));
    },
  };
}

/** With a server key an entry carries an HMAC, so that only holders of the key can write entries that others accept. */
function seal(json: string, key: string, serverKey: string | undefined): string {
  return serverKey === undefined ? json : `${hmacSha256(serverKey, `routing ${key} ${json}`)}${json}`;
}

/** Throws if the entry is not a routing result, or if its HMAC does not match. */
function unseal(text: string, key: string, serverKey: string | undefined): Routing {
  const json = text.slice(text.indexOf('{'));
  if (text.length > MAX_SHARED_CHARS || !isSameSecret(text, seal(json, key, serverKey))) {
    throw new Error('not written by this deployment');
  }
  return routingSchema.parse(JSON.parse(json));
}
